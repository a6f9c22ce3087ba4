// Command upstream answers what the API server's own code says about audit policies.
//
// It reads one JSON object a line from standard input, {"policy": text, "requests": [attributes…]}, and writes one
// JSON object a line to standard output: {"error": text} where the API server would refuse to start, else
// {"policy": …, "warning": text, "decisions": […]}. The warning is the strict decoding error that the API server logs
// before it goes on without the offending fields.
package main

import (
	"bufio"
	"encoding/json"
	"io"
	"log"
	"os"
	"sort"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apiserver/pkg/apis/audit"
	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"
	serveraudit "k8s.io/apiserver/pkg/audit"
	"k8s.io/apiserver/pkg/audit/policy"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/klog/v2"
)

type question struct {
	Policy   string    `json:"policy"`
	Requests []request `json:"requests"`
}

// request has the field names of Attributes in policy/evaluate.ts. A nil user is a request that failed authentication.
type request struct {
	User        *string  `json:"user"`
	Groups      []string `json:"groups"`
	Verb        string   `json:"verb"`
	Namespace   string   `json:"namespace"`
	APIGroup    string   `json:"apiGroup"`
	Resource    string   `json:"resource"`
	Subresource string   `json:"subresource"`
	Name        string   `json:"name"`
	Path        string   `json:"path"`
	IsResource  bool     `json:"isResource"`
}

type answer struct {
	Error     string        `json:"error,omitempty"`
	Warning   string        `json:"warning,omitempty"`
	Policy    *loadedPolicy `json:"policy,omitempty"`
	Decisions []decision    `json:"decisions,omitempty"`
}

type loadedPolicy struct {
	Rules             []auditv1.PolicyRule `json:"rules"`
	OmitStages        []auditv1.Stage      `json:"omitStages,omitempty"`
	OmitManagedFields bool                 `json:"omitManagedFields,omitempty"`
}

type decision struct {
	Level             audit.Level   `json:"level"`
	OmitStages        []audit.Stage `json:"omitStages"`
	OmitManagedFields bool          `json:"omitManagedFields"`
}

func main() {
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
	out := json.NewEncoder(os.Stdout)
	lines := bufio.NewReaderSize(os.Stdin, 1<<20)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var q question
			if err := json.Unmarshal(line, &q); err != nil {
				log.Fatalf("a question is not JSON: %v", err)
			}
			if err := out.Encode(answerTo(q)); err != nil {
				log.Fatal(err)
			}
		}
		if err == io.EOF {
			return
		}
		if err != nil {
			log.Fatal(err)
		}
	}
}

func answerTo(q question) answer {
	loaded, err := policy.LoadPolicyFromBytes([]byte(q.Policy))
	if err != nil {
		return answer{Error: err.Error()}
	}
	var versioned auditv1.Policy
	if err := auditv1.Convert_audit_Policy_To_v1_Policy(loaded, &versioned, nil); err != nil {
		log.Fatal(err)
	}
	a := answer{
		Warning: strictDecodingError(q.Policy),
		Policy:  &loadedPolicy{versioned.Rules, versioned.OmitStages, versioned.OmitManagedFields},
	}
	evaluator := policy.NewPolicyRuleEvaluator(loaded.DeepCopy())
	for _, r := range q.Requests {
		config := evaluator.EvaluatePolicyRule(attributesOf(r))
		stages := append([]audit.Stage{}, config.OmitStages...)
		sort.Slice(stages, func(i, j int) bool { return stages[i] < stages[j] })
		a.Decisions = append(a.Decisions, decision{config.Level, stages, config.OmitManagedFields})
	}
	return a
}

func strictDecodingError(text string) string {
	decoder := serializer.NewCodecFactory(serveraudit.Scheme, serializer.EnableStrict).UniversalDecoder()
	if _, _, err := decoder.Decode([]byte(text), nil, &audit.Policy{}); runtime.IsStrictDecodingError(err) {
		return err.Error()
	}
	return ""
}

func attributesOf(r request) authorizer.Attributes {
	attributes := authorizer.AttributesRecord{
		Verb:            r.Verb,
		Namespace:       r.Namespace,
		APIGroup:        r.APIGroup,
		Resource:        r.Resource,
		Subresource:     r.Subresource,
		Name:            r.Name,
		Path:            r.Path,
		ResourceRequest: r.IsResource,
	}
	if r.User != nil {
		attributes.User = &user.DefaultInfo{Name: *r.User, Groups: r.Groups}
	}
	return attributes
}
