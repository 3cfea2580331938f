package kb

import (
	"encoding/json"
	"fmt"
	"math"
)

// model holds the weights that TestFit found. It does not change.
type model struct {
	Rank    map[string]float64 `json:"rank"`    // what makes a document the right one among several
	Known   map[string]float64 `json:"known"`   // what tells that the question can be answered at all
	Sure    map[string]float64 `json:"sure"`    // what tells that the best document is the right one
	Unknown float64            `json:"unknown"` // below this probability a question is left unanswered
	Choices float64            `json:"choices"` // below this one choices are offered instead of an answer
	Alone   float64            `json:"alone"`   // below this one choices are offered beside the answer
	rank    features
	known   signs
	sure    signs
}

func readModel() (*model, error) {
	data, err := tableFiles.ReadFile("tables/weights.json")
	if err != nil {
		return nil, err
	}
	m := &model{}
	if err := json.Unmarshal(data, m); err != nil {
		return nil, fmt.Errorf("tables/weights.json: %w", err)
	}
	for _, part := range []struct {
		from  map[string]float64
		names []string
		to    []float64
	}{{m.Rank, featureNames(), m.rank[:]}, {m.Known, signNames(), m.known[:]}, {m.Sure, signNames(), m.sure[:]}} {
		if len(part.from) != len(part.names) {
			return nil, fmt.Errorf("tables/weights.json: %d weights where %d are needed", len(part.from), len(part.names))
		}
		for i, name := range part.names {
			w, ok := part.from[name]
			if !ok {
				return nil, fmt.Errorf("tables/weights.json: no weight for %q", name)
			}
			part.to[i] = w
		}
	}
	return m, nil
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
