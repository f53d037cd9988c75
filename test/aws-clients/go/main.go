// GetCallerIdentity with the Go SDK v2: prints its version and the ARN.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func main() {
	loaded, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		fail(err)
	}
	identity, err := sts.NewFromConfig(loaded).GetCallerIdentity(context.Background(), nil)
	if err != nil {
		fail(err)
	}
	json.NewEncoder(os.Stdout).Encode(map[string]string{"client": "aws-sdk-go-v2 " + aws.SDKVersion, "arn": *identity.Arn})
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
