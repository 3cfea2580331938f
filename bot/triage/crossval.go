package triage

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"runtime"
	"slices"
	"sort"
	"sync"
	"time"

	"treem/kb/vitext"
)

// groups numbers the examples so that near-duplicates (half of their word pairs shared) share a number.
func groups(texts []vitext.Text) []int {
	parent := make([]int, len(texts))
	for i := range parent {
		parent[i] = i
	}
	var root func(int) int
	root = func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	sets := make([]map[uint32]bool, len(texts))
	where := make(map[uint32][]int)
	for i, t := range texts {
		sets[i] = make(map[uint32]bool)
		last := uint32(0)
		for _, s := range t.Syllables {
			h := hashOf(s.Folded)
			sets[i][join(last, h)] = true
			last = h
		}
		shared := make(map[int]int)
		for h := range sets[i] {
			for _, j := range where[h] {
				shared[j]++
			}
			where[h] = append(where[h], i)
		}
		for j, n := range shared {
			if 2*n >= len(sets[i])+len(sets[j])-n {
				a, b := root(i), root(j)
				parent[max(a, b)] = min(a, b)
			}
		}
	}
	for i := range parent {
		parent[i] = root(i)
	}
	return parent
}

// Experiment is scratch.
func Experiment(dir fs.FS, held []Example, lexData []byte, off uint32, o options, aug bool) error {
	lex, err := loadLexicon(lexData)
	if err != nil {
		return err
	}
	n, _ := vitext.New()
	all, err := readTraining(dir)
	if err != nil {
		return err
	}
	texts := make([]vitext.Text, len(all))
	for i, e := range all {
		texts[i] = n.Normalise(e.Text)
	}
	g := groups(texts)
	ng := map[int]bool{}
	for _, x := range g {
		ng[x] = true
	}
	fmt.Println("examples", len(all), "groups", len(ng))
	b := newBag()
	b.off = off
	var r reading
	vec := func(t vitext.Text) []uint32 {
		r.read(t, lex)
		b.reset()
		b.collect(&r, 0, len(t.Syllables))
		return slices.Clone(b.on)
	}
	les := make([][]lesson, len(all))
	for i, e := range all {
		rng := rand.New(rand.NewPCG(uint64(hashOf(e.Text)), 7))
		vs := []string{e.Text}
		if aug {
			vs = variants(e.Text, rng)
		}
		w := float32(1)
		for k, v := range vs {
			if k > 0 {
				w = 0.5
			}
			les[i] = append(les[i], lesson{vec(n.Normalise(v)), e.Level.Rank(), w})
		}
	}
	hv := make([][]uint32, len(held))
	for i, e := range held {
		hv[i] = vec(n.Normalise(e.Text))
	}
	start := time.Now()
	const folds = 5
	score := make([][3]float64, len(all))
	hscore := make([][3]float64, len(held))
	var wg sync.WaitGroup
	sem := make(chan bool, runtime.NumCPU())
	for f := range folds + 1 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			sem <- true
			defer func() { <-sem }()
			var train []lesson
			for i := range les {
				if f == folds || int(mix(uint32(g[i])))%folds != f {
					train = append(train, les[i]...)
				}
			}
			m := learnLinear(train, 3, o)
			p := make([]float64, 3)
			if f == folds {
				for i := range held {
					m.score(hv[i], p)
					softmax(p)
					copy(hscore[i][:], p)
				}
				return
			}
			for i := range les {
				if int(mix(uint32(g[i])))%folds == f {
					m.score(les[i][0].on, p)
					softmax(p)
					copy(score[i][:], p)
				}
			}
		}()
	}
	wg.Wait()
	fmt.Println("trained in", time.Since(start))
	report("cv  ", all, score)
	report("held", held, hscore)
	return nil
}

func report(name string, ex []Example, sc [][3]float64) {
	var none []float64
	for i, e := range ex {
		if e.Level == None {
			none = append(none, 1-sc[i][0])
		}
	}
	sort.Float64s(none)
	for _, fp := range []float64{0.02, 0.04, 0.08} {
		th := none[len(none)-1-int(fp*float64(len(none)))]
		var d, dd, e2, ee, eg, ug, uu int
		for i, e := range ex {
			if e.Level == None {
				continue
			}
			d++
			hit := 1-sc[i][0] > th
			em := sc[i][2] > sc[i][1]
			if hit {
				dd++
			}
			if e.Level == Emergency {
				e2++
				if hit {
					ee++
					if em {
						eg++
					}
				}
			} else {
				uu++
				if hit && em {
					ug++
				}
			}
		}
		fmt.Printf("%s FPR %.2f th %.3f recall %.4f emerg %.4f graded %.4f urg-as-em %.3f\n", name, fp, th,
			float64(dd)/float64(d), float64(ee)/float64(e2), float64(eg)/float64(e2), float64(ug)/float64(uu))
	}
}

// Options is scratch.
func Options(epochs int, rate, l2, drop float64) options { return options{epochs, rate, l2, drop, 1} }
