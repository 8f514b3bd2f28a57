// Renders cases with the engines of Helm and Kustomize in process, for the bench to compare with.
//
// usage: engines helm|kustomize ROUNDS FILE
//
// FILE holds a case on each line, as JSON. Each round renders all cases one after the other; its time in milliseconds
// is printed on a line of its own, with how many cases rendered.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"strconv"
	"time"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/cli/values"
	"helm.sh/helm/v3/pkg/getter"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

type renderCase struct {
	Path         string   `json:"path"`
	Release      string   `json:"release"`
	Namespace    string   `json:"namespace"`
	Values       []string `json:"values"`
	Set          []string `json:"set"`
	SetString    []string `json:"setString"`
	SetFile      []string `json:"setFile"`
	SetJSON      []string `json:"setJson"`
	KubeVersion  string   `json:"kubeVersion"`
	APIVersions  []string `json:"apiVersions"`
	IncludeCRDs  bool     `json:"includeCrds"`
	IsUpgrade    bool     `json:"isUpgrade"`
	Unrestricted bool     `json:"unrestricted"`
}

func main() {
	if len(os.Args) != 4 {
		fail("usage: engines helm|kustomize ROUNDS FILE")
	}
	rounds, err := strconv.Atoi(os.Args[2])
	if err != nil {
		fail(err.Error())
	}
	cases, err := read(os.Args[3])
	if err != nil {
		fail(err.Error())
	}
	render := map[string]func(renderCase) error{"helm": helm, "kustomize": kustomize}[os.Args[1]]
	if render == nil {
		fail("there are the engines helm and kustomize")
	}
	// What the libraries log belongs to nobody here.
	log.SetOutput(io.Discard)
	for range rounds {
		rendered := 0
		start := time.Now()
		for _, each := range cases {
			if attempt(render, each) {
				rendered++
			}
		}
		fmt.Printf("%.3f %d\n", float64(time.Since(start).Microseconds())/1000, rendered)
	}
}

// Whether a case renders; a library that panics does not render it.
func attempt(render func(renderCase) error, each renderCase) (rendered bool) {
	defer func() {
		if recover() != nil {
			rendered = false
		}
	}()
	return render(each) == nil
}

func fail(message string) {
	fmt.Println(message)
	os.Exit(2)
}

func read(path string) ([]renderCase, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var cases []renderCase
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var each renderCase
		if err := json.Unmarshal(lines.Bytes(), &each); err != nil {
			return nil, err
		}
		cases = append(cases, each)
	}
	return cases, lines.Err()
}

// What `helm template` does: no cluster, everything else as for an installation.
func helm(each renderCase) error {
	chart, err := loader.Load(each.Path)
	if err != nil {
		return err
	}
	options := values.Options{
		ValueFiles:   each.Values,
		Values:       each.Set,
		StringValues: each.SetString,
		FileValues:   each.SetFile,
		JSONValues:   each.SetJSON,
	}
	merged, err := options.MergeValues(getter.Providers{})
	if err != nil {
		return err
	}
	install := action.NewInstall(&action.Configuration{})
	install.DryRun = true
	install.ClientOnly = true
	install.Replace = true
	install.ReleaseName = each.Release
	install.Namespace = each.Namespace
	install.IncludeCRDs = each.IncludeCRDs
	install.IsUpgrade = each.IsUpgrade
	install.APIVersions = each.APIVersions
	if each.KubeVersion != "" {
		version, err := chartutil.ParseKubeVersion(each.KubeVersion)
		if err != nil {
			return err
		}
		install.KubeVersion = version
	}
	_, err = install.Run(chart, merged)
	return err
}

func kustomize(each renderCase) error {
	options := krusty.MakeDefaultOptions()
	if each.Unrestricted {
		options.LoadRestrictions = types.LoadRestrictionsNone
	}
	options.Reorder = krusty.ReorderOptionLegacy
	resources, err := krusty.MakeKustomizer(options).Run(filesys.MakeFsOnDisk(), each.Path)
	if err != nil {
		return err
	}
	_, err = resources.AsYaml()
	return err
}
