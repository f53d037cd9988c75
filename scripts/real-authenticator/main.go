// Judges tokens and ConfigMaps as the cluster's authenticator does: a case a line on stdin, its verdict a line on stdout,
// both in JSON. The code that judges is aws-iam-authenticator's own; this program only carries cases and verdicts.
//
// Build with -tags faketime, Go's own clock for playgrounds: the verifier reads time.Now, and each case has its own time.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
	"unsafe"

	"github.com/sirupsen/logrus"
	"golang.org/x/sys/unix"
	"sigs.k8s.io/aws-iam-authenticator/pkg/config"
	"sigs.k8s.io/aws-iam-authenticator/pkg/mapper/configmap"
	_ "sigs.k8s.io/aws-iam-authenticator/pkg/server"
	"sigs.k8s.io/aws-iam-authenticator/pkg/token"
)

// testCase is a token to verify, or a ConfigMap to map identities by.
type testCase struct {
	// Of a token, in base64: it may hold any bytes.
	Token     []byte
	Partition string
	Region    string
	// Milliseconds since 1970.
	Now int64

	// Of a ConfigMap.
	Data       map[string]string
	Identities []token.Identity
}

type tokenVerdict struct {
	// Empty when the verifier asks STS.
	Error string `json:"error"`
	// What the verifier asks STS for.
	Host   string `json:"host"`
	Target []byte `json:"target"`
}

type user struct {
	Username string   `json:"username"`
	Groups   []string `json:"groups"`
}

type mapVerdict struct {
	// One for each identity; null when it is denied.
	Users []*user `json:"users"`
}

func main() {
	logrus.SetOutput(io.Discard)
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, 64<<20)
	for input.Scan() {
		var given testCase
		must(json.Unmarshal(input.Bytes(), &given))
		line, err := json.Marshal(judge(given))
		must(err)
		write(append(line, '\n'))
	}
	must(input.Err())
}

func judge(given testCase) any {
	if given.Data != nil {
		return mapped(given)
	}
	return verified(given)
}

// The runtime's clock, in nanoseconds since 1970.
//
//go:linkname faketime runtime.faketime
var faketime int64

var asked *http.Request

// The verifier's client has no transport of its own: this stands where the network would be, and takes down the request.
type recorder struct{}

func (recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	asked = request
	return nil, errors.New("STS is not asked")
}

func init() { http.DefaultTransport = recorder{} }

func verified(given testCase) tokenVerdict {
	faketime = given.Now * int64(time.Millisecond)
	asked = nil
	_, err := token.NewVerifier("demo", given.Partition, given.Region).Verify(string(given.Token))
	if asked == nil {
		return tokenVerdict{Error: err.Error()}
	}
	return tokenVerdict{Host: asked.Host, Target: []byte(asked.URL.RequestURI())}
}

//go:linkname saveMap sigs.k8s.io/aws-iam-authenticator/pkg/mapper/configmap.(*MapStore).saveMap
func saveMap(*configmap.MapStore, []config.UserMapping, []config.RoleMapping, []string)

//go:linkname renderTemplates sigs.k8s.io/aws-iam-authenticator/pkg/server.(*handler).renderTemplates
func renderTemplates(unsafe.Pointer, context.Context, config.IdentityMapping, *token.Identity) (string, []string, error)

// A handler of the server: of it, the templates need only EC2, which is not asked here.
var handler [4096]byte

func mapped(given testCase) mapVerdict {
	store := &configmap.MapStore{}
	users, roles, accounts, _ := configmap.ParseMap(given.Data)
	saveMap(store, users, roles, accounts)
	mapper := &configmap.ConfigMapMapper{MapStore: store}
	verdict := mapVerdict{}
	for _, identity := range given.Identities {
		verdict.Users = append(verdict.Users, userOf(mapper, identity))
	}
	return verdict
}

// As pkg/server's doMapping does.
func userOf(mapper *configmap.ConfigMapMapper, identity token.Identity) *user {
	if mapping, err := mapper.Map(&identity); err == nil {
		if strings.HasPrefix(identity.SessionName, "i-") && strings.Contains(mapping.Username+strings.Join(mapping.Groups, ""), "{{EC2PrivateDNSName}}") {
			return &user{"EC2", []string{}}
		}
		username, groups, err := renderTemplates(unsafe.Pointer(&handler), context.Background(), *mapping, &identity)
		if err != nil {
			return nil
		}
		return &user{username, groups}
	}
	if mapper.IsAccountAllowed(identity.AccountID) {
		return &user{identity.CanonicalARN, []string{}}
	}
	return nil
}

// The runtime's own writes to stdout carry the fake time with them.
func write(line []byte) {
	for len(line) > 0 {
		count, err := unix.Write(1, line)
		must(err)
		line = line[count:]
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
