package triage

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
)

// The weights file begins with readable lines "key: value" and an empty line; then the tables follow as bytes, in the
// order of model.tables, then out and bias as little-endian float32.

// encode writes a model as a weights file.
func (m *model) encode(note string) []byte {
	var b bytes.Buffer
	fmt.Fprintln(&b, "treem triage weights. Do not edit: made by \"go run ./bot/triage/train\" from bot/triage/training and concepts.yaml.")
	fmt.Fprintln(&b, "note: "+note)
	fmt.Fprintln(&b, "training: "+m.training)
	fmt.Fprintf(&b, "bits: %d\n", hashBits)
	fmt.Fprintln(&b, "categories: "+strings.Join(m.names, " "))
	levels := make([]string, len(m.levels))
	for i, l := range m.levels {
		levels[i] = string(l)
	}
	fmt.Fprintln(&b, "levels: "+strings.Join(levels, " "))
	fmt.Fprintf(&b, "scales: %x %x %x\n\n", m.linear.scale, m.hidden.scale, m.category.scale)
	for _, t := range []*table{&m.linear, &m.hidden, &m.category} {
		for _, v := range t.values {
			b.WriteByte(byte(v))
		}
	}
	for _, w := range append(append([]float32{}, m.out...), m.bias...) {
		b.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(w)))
	}
	return b.Bytes()
}

// decode reads a weights file.
func decode(data []byte) (*model, error) {
	head, body, ok := bytes.Cut(data, []byte("\n\n"))
	if !ok {
		return nil, fmt.Errorf("triage: weights: no header; run go run ./bot/triage/train")
	}
	fields := make(map[string]string)
	s := bufio.NewScanner(bytes.NewReader(head))
	for s.Scan() {
		key, value, _ := strings.Cut(s.Text(), ": ")
		fields[key] = value
	}
	m := &model{names: strings.Fields(fields["categories"]), training: fields["training"]}
	for _, l := range strings.Fields(fields["levels"]) {
		m.levels = append(m.levels, Level(l))
	}
	m.linear.width, m.hidden.width, m.category.width = levelCount, hiddenUnits, len(m.names)
	_, err := fmt.Sscanf(fields["scales"], "%g %g %g", &m.linear.scale, &m.hidden.scale, &m.category.scale)
	if err != nil || fields["bits"] != fmt.Sprint(hashBits) || len(m.levels) != len(m.names) || len(m.names) > maxWidth {
		return nil, fmt.Errorf("triage: weights: header does not fit this program; run go run ./bot/triage/train")
	}
	for _, t := range []*table{&m.linear, &m.hidden, &m.category} {
		size := t.width << hashBits
		if t == &m.category {
			size >>= categoryShift
		}
		if len(body) < size {
			return nil, fmt.Errorf("triage: weights: file is cut short")
		}
		t.values = make([]int8, size)
		for i, v := range body[:size] {
			t.values[i] = int8(v)
		}
		body = body[size:]
	}
	floats := make([]float32, levelCount*hiddenUnits+levelCount)
	if len(body) != 4*len(floats) {
		return nil, fmt.Errorf("triage: weights: file has the wrong length")
	}
	for i := range floats {
		floats[i] = math.Float32frombits(binary.LittleEndian.Uint32(body[4*i:]))
	}
	m.out, m.bias = floats[:levelCount*hiddenUnits], floats[levelCount*hiddenUnits:]
	return m, nil
}

// quantise stores float weights as small integers; the few beyond five standard deviations are cut.
func quantise(w []float32, width int) table {
	sum, n := 0.0, 0
	for _, v := range w {
		if v != 0 {
			sum += float64(v) * float64(v)
			n++
		}
	}
	limit := 6 * math.Sqrt(sum/float64(max(n, 1)))
	t := table{width: width, scale: limit / 127, values: make([]int8, len(w))}
	if limit == 0 {
		return t
	}
	for i, v := range w {
		t.values[i] = int8(math.Round(max(-127, min(127, float64(v)/t.scale))))
	}
	return t
}
