// Command kube-apiserver stands before the genuine kube-apiserver and fails the way the fault file says.
//
// The fault applies only to a start with --audit-policy-file: "exit" ends with an error, "hang" stays without serving.
// In every other case it becomes the genuine binary, under the same process name.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// faultFile lies in a directory that kubeadm mounts into the pod.
const faultFile = "/etc/kubernetes/pki/fault"

// genuine has the same base name, because that is what the kernel shows as the process's name.
const genuine = "/genuine/kube-apiserver"

func main() {
	switch fault(os.Args[1:]) {
	case "exit":
		fmt.Fprintln(os.Stderr, `Error: loading audit policy file: the sandbox was told to fail (fault "exit")`)
		os.Exit(1)
	case "hang":
		fmt.Fprintln(os.Stderr, `the sandbox was told to hang (fault "hang")`)
		hang()
	default:
		err := syscall.Exec(genuine, os.Args, os.Environ())
		fmt.Fprintf(os.Stderr, "Error: %s: %v\n", genuine, err)
		os.Exit(1)
	}
}

func fault(args []string) string {
	for _, arg := range args {
		if arg == "--audit-policy-file" || strings.HasPrefix(arg, "--audit-policy-file=") {
			text, _ := os.ReadFile(faultFile)
			return strings.TrimSpace(string(text))
		}
	}
	return ""
}

func hang() {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGINT, syscall.SIGTERM)
	<-stop
}
