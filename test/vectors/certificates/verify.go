// Judges the chains of stdin with crypto/x509, and prints "ok" or the error for each.
package main

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"time"
)

type vector struct {
	Leaf    string   `json:"leaf"`
	Others  []string `json:"others"`
	Anchors []string `json:"anchors"`
}

func main() {
	var input struct {
		At      time.Time `json:"at"`
		Vectors []vector  `json:"vectors"`
	}
	if err := json.NewDecoder(os.Stdin).Decode(&input); err != nil {
		panic(err)
	}
	verdicts := []string{}
	for _, one := range input.Vectors {
		verdicts = append(verdicts, judge(one, input.At))
	}
	if err := json.NewEncoder(os.Stdout).Encode(verdicts); err != nil {
		panic(err)
	}
}

func judge(one vector, at time.Time) string {
	leaf, err := parse(one.Leaf)
	if err != nil {
		return err.Error()
	}
	options := x509.VerifyOptions{
		Roots:         pool(one.Anchors),
		Intermediates: pool(one.Others),
		CurrentTime:   at,
		KeyUsages:     []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	}
	if _, err := leaf.Verify(options); err != nil {
		return err.Error()
	}
	return "ok"
}

func pool(texts []string) *x509.CertPool {
	all := x509.NewCertPool()
	for _, text := range texts {
		if certificate, err := parse(text); err == nil {
			all.AddCert(certificate)
		}
	}
	return all
}

func parse(text string) (*x509.Certificate, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, fmt.Errorf("no PEM")
	}
	return x509.ParseCertificate(block.Bytes)
}
