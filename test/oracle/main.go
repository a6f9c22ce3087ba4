// Command oracle answers what the API server's own code says about audit policies and requests.
//
// It reads one JSON object a line from standard input, {"text": base64, "requests": [request…]}, and writes one JSON
// object a line to standard output: {"error": text} where the API server would refuse to start, else {"policy": …,
// "decisions": […]}; "log" is what the loader logs, and "resolved" what became of the raw ones among the requests.
//
// With the argument "bench" it reads one such object, evaluates its requests in turn for as many seconds of processor
// time as the second argument says, and writes {"evaluations": number, "seconds": number}.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"log"
	"net/http"
	"os"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"syscall"

	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apiserver/pkg/apis/audit"
	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"
	"k8s.io/apiserver/pkg/audit/policy"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	requestpkg "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/klog/v2"
)

type question struct {
	Text     []byte    `json:"text"`
	Requests []request `json:"requests"`
}

// request has the field names of Attributes in policy/evaluate.ts, or, when it is raw, those of RawRequest in
// policy/requestInfo.ts. A nil user is a request that failed authentication.
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

	Method string `json:"method"`
	URL    string `json:"url"`
}

type answer struct {
	Error     string        `json:"error,omitempty"`
	Log       string        `json:"log,omitempty"`
	Policy    *loadedPolicy `json:"policy,omitempty"`
	Decisions []decision    `json:"decisions,omitempty"`
	Resolved  []resolved    `json:"resolved,omitempty"`
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

// resolved is what became of a raw request: an error, or its attributes.
type resolved struct {
	Error       string `json:"error,omitempty"`
	Verb        string `json:"verb"`
	Namespace   string `json:"namespace"`
	APIGroup    string `json:"apiGroup"`
	Resource    string `json:"resource"`
	Subresource string `json:"subresource"`
	Name        string `json:"name"`
	Path        string `json:"path"`
	IsResource  bool   `json:"isResource"`
}

// logged collects what the API server's code logs.
var logged bytes.Buffer

var logHeader = regexp.MustCompile(`^[A-Z]\d{4} [^\]]*\] `)

func main() {
	flags := flag.NewFlagSet("klog", flag.PanicOnError)
	klog.InitFlags(flags)
	for name, value := range map[string]string{"logtostderr": "false", "alsologtostderr": "false", "stderrthreshold": "FATAL", "one_output": "true"} {
		if err := flags.Set(name, value); err != nil {
			log.Fatal(err)
		}
	}
	klog.SetOutput(&logged)
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	if len(os.Args) == 3 && os.Args[1] == "bench" {
		bench(in, os.Args[2])
		return
	}
	stdout := bufio.NewWriterSize(os.Stdout, 1<<20)
	out := json.NewEncoder(stdout)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			if err := out.Encode(answerTo(read(line))); err != nil {
				log.Fatal(err)
			}
			if in.Buffered() == 0 {
				stdout.Flush()
			}
		}
		if err == io.EOF {
			stdout.Flush()
			return
		}
		if err != nil {
			log.Fatal(err)
		}
	}
}

func read(line []byte) question {
	var q question
	if err := json.Unmarshal(line, &q); err != nil {
		log.Fatalf("a question is not JSON: %v", err)
	}
	return q
}

func answerTo(q question) answer {
	logged.Reset()
	loaded, err := policy.LoadPolicyFromBytes(q.Text)
	klog.Flush()
	a := answer{Log: logHeader.ReplaceAllString(strings.TrimSuffix(logged.String(), "\n"), "")}
	if err != nil {
		a.Error = err.Error()
	}
	var evaluate func(authorizer.Attributes)
	if err == nil {
		var versioned auditv1.Policy
		if err := auditv1.Convert_audit_Policy_To_v1_Policy(loaded, &versioned, nil); err != nil {
			log.Fatal(err)
		}
		a.Policy = &loadedPolicy{versioned.Rules, versioned.OmitStages, versioned.OmitManagedFields}
		evaluator := policy.NewPolicyRuleEvaluator(loaded.DeepCopy())
		evaluate = func(attributes authorizer.Attributes) {
			config := evaluator.EvaluatePolicyRule(attributes)
			stages := append([]audit.Stage{}, config.OmitStages...)
			sort.Slice(stages, func(i, j int) bool { return stages[i] < stages[j] })
			a.Decisions = append(a.Decisions, decision{config.Level, stages, config.OmitManagedFields})
		}
	}
	for _, r := range q.Requests {
		attributes := attributesOf(r)
		if r.URL != "" {
			answer := resolve(r)
			a.Resolved = append(a.Resolved, answer)
			if answer.Error != "" {
				continue
			}
			r.Verb, r.Namespace, r.APIGroup, r.Resource = answer.Verb, answer.Namespace, answer.APIGroup, answer.Resource
			r.Subresource, r.Name, r.Path, r.IsResource = answer.Subresource, answer.Name, answer.Path, answer.IsResource
			attributes = attributesOf(r)
		}
		if evaluate != nil {
			evaluate(attributes)
		}
	}
	return a
}

// resolver is configured as the API server's own: see NewRequestInfoResolver in pkg/server/config.go.
var resolver = &requestpkg.RequestInfoFactory{
	APIPrefixes:          sets.NewString("api", "apis"),
	GrouplessAPIPrefixes: sets.NewString("api"),
}

func resolve(r request) resolved {
	text := r.Method + " " + r.URL + " HTTP/1.1\r\nHost: localhost\r\n\r\n"
	req, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
	if err != nil {
		return resolved{Error: err.Error()}
	}
	info, err := resolver.NewRequestInfo(req)
	if err != nil {
		return resolved{Error: err.Error()}
	}
	return resolved{
		Verb:        info.Verb,
		Namespace:   info.Namespace,
		APIGroup:    info.APIGroup,
		Resource:    info.Resource,
		Subresource: info.Subresource,
		Name:        info.Name,
		Path:        info.Path,
		IsResource:  info.IsResourceRequest,
	}
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
	return &attributes
}

func bench(in io.Reader, duration string) {
	input, err := io.ReadAll(in)
	if err != nil {
		log.Fatal(err)
	}
	wanted, err := strconv.ParseFloat(duration, 64)
	if err != nil {
		log.Fatal(err)
	}
	q := read(input)
	loaded, err := policy.LoadPolicyFromBytes(q.Text)
	if err != nil {
		log.Fatal(err)
	}
	evaluator := policy.NewPolicyRuleEvaluator(loaded)
	requests := make([]authorizer.Attributes, 0, len(q.Requests))
	for _, r := range q.Requests {
		requests = append(requests, attributesOf(r))
	}
	evaluations := 0
	start := processorSeconds()
	for processorSeconds()-start < wanted {
		for round := 0; round < 100; round++ {
			for _, attributes := range requests {
				if evaluator.EvaluatePolicyRule(attributes).Level == "" {
					log.Fatal("no level")
				}
			}
		}
		evaluations += 100 * len(requests)
	}
	result := map[string]float64{"evaluations": float64(evaluations), "seconds": processorSeconds() - start}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		log.Fatal(err)
	}
}

func processorSeconds() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		log.Fatal(err)
	}
	seconds := usage.Utime.Sec + usage.Stime.Sec
	microseconds := usage.Utime.Usec + usage.Stime.Usec
	return float64(seconds) + float64(microseconds)/1e6
}
