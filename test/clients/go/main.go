// Lists namespaces and creates one with client-go, as the arguments say (`list create` without any): a line of JSON for each step.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/debug"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

type outcome struct {
	Step       string   `json:"step"`
	Code       int32    `json:"code"`
	Forbidden  bool     `json:"forbidden"`
	Message    string   `json:"message,omitempty"`
	Namespaces []string `json:"namespaces,omitempty"`
}

func main() {
	print(map[string]string{"client": "client-go " + version()})
	steps := os.Args[1:]
	if len(steps) == 0 {
		steps = []string{"list", "create"}
	}
	client, err := open()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, step := range steps {
		print(take(client, step))
	}
}

func open() (*kubernetes.Clientset, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, nil).ClientConfig()
	if err != nil {
		return nil, err
	}
	return kubernetes.NewForConfig(config)
}

func take(client *kubernetes.Clientset, step string) outcome {
	namespaces := client.CoreV1().Namespaces()
	result := outcome{Step: step, Code: 200}
	var err error
	if step == "create" {
		result.Code = 201
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "forbidden"}}
		_, err = namespaces.Create(context.Background(), namespace, metav1.CreateOptions{})
	} else {
		var list *corev1.NamespaceList
		list, err = namespaces.List(context.Background(), metav1.ListOptions{})
		if err == nil {
			for _, namespace := range list.Items {
				result.Namespaces = append(result.Namespaces, namespace.Name)
			}
		}
	}
	if err != nil {
		result.Code, result.Message, result.Forbidden = code(err), err.Error(), apierrors.IsForbidden(err)
	}
	return result
}

// code is the server's, or 0 where there was no answer.
func code(err error) int32 {
	var status apierrors.APIStatus
	if errors.As(err, &status) {
		return status.Status().Code
	}
	return 0
}

func version() string {
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		if module.Path == "k8s.io/client-go" {
			return module.Version
		}
	}
	return "(unknown)"
}

func print(value any) {
	line, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(line))
}
