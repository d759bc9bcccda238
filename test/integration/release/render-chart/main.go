// Renders a chart as `helm template` does, for Debian has no Helm: Go's templates with Sprig's functions, and what Helm
// adds to them as far as our chart uses it. Anything else ends it.
//
//	render-chart CHART VALUES.json KUBERNETES-VERSION NAMESPACE [GROUP/VERSION/KIND…]
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"gopkg.in/yaml.v3"
)

// What the cluster serves, as GROUP/VERSION/KIND.
type known []string

func (kinds known) Has(wanted string) bool {
	for _, kind := range kinds {
		if kind == wanted {
			return true
		}
	}
	return false
}

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return value
}

func main() {
	chart, given, kubernetes, namespace, kinds := os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5:]
	values := map[string]any{}
	must(0, yaml.Unmarshal(must(os.ReadFile(filepath.Join(chart, "values.yaml"))), &values))
	overrides := map[string]any{}
	must(0, json.Unmarshal([]byte(given), &overrides))
	for name, value := range overrides {
		values[name] = value
	}
	about := map[string]any{}
	must(0, yaml.Unmarshal(must(os.ReadFile(filepath.Join(chart, "Chart.yaml"))), &about))
	data := map[string]any{
		"Values":       values,
		"Chart":        map[string]any{"AppVersion": about["appVersion"], "Name": about["name"]},
		"Release":      map[string]any{"Name": "kubectl-virt", "Namespace": namespace},
		"Capabilities": map[string]any{"KubeVersion": map[string]any{"Version": kubernetes}, "APIVersions": known(kinds)},
	}
	functions := sprig.TxtFuncMap()
	functions["toYaml"] = func(value any) string {
		return strings.TrimSuffix(string(must(yaml.Marshal(value))), "\n")
	}
	for _, file := range must(filepath.Glob(filepath.Join(chart, "templates", "*"))) {
		render(file, functions, data)
	}
	for _, file := range must(filepath.Glob(filepath.Join(chart, "templates", "*", "*"))) {
		render(file, functions, data)
	}
}

func render(file string, functions template.FuncMap, data any) {
	if information := must(os.Stat(file)); information.IsDir() {
		return
	}
	// As Helm: a value that is not there is no error, so a test looks for its words.
	parsed := must(template.New(file).Funcs(functions).Parse(string(must(os.ReadFile(file)))))
	text := &strings.Builder{}
	must(0, parsed.Execute(text, data))
	if strings.HasSuffix(file, ".txt") {
		fmt.Fprint(os.Stderr, text.String())
		return
	}
	fmt.Println("---")
	fmt.Println(text.String())
}
