// Parses Terraform configurations with HashiCorp's own HCL, and checks that they are formatted as its formatter writes them.
package main

import (
	"bytes"
	"fmt"
	"os"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
)

func main() {
	failed := false
	for _, path := range os.Args[1:] {
		content, err := os.ReadFile(path)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		if _, diagnostics := hclsyntax.ParseConfig(content, path, hcl.InitialPos); diagnostics.HasErrors() {
			fmt.Println(diagnostics.Error())
			failed = true
		}
		if !bytes.Equal(content, hclwrite.Format(content)) {
			fmt.Printf("%s: not formatted\n", path)
			failed = true
		}
	}
	if failed {
		os.Exit(1)
	}
}
