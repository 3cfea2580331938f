package triage

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
)

// The weights file begins with readable lines "key: value" and an empty line. Then follow the tables: first one bit per bucket that says whether its row holds anything, then those rows, a byte per weight. Last
// come out and bias as little-endian float32.

// tables lists the tables in the order of the file.
func (m *model) tables() []*table {
	return []*table{&m.linear, &m.hidden, &m.category, &m.speaker}
}

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
	fmt.Fprintf(&b, "scales: %x %x %x %x\n\n", m.linear.scale, m.hidden.scale, m.category.scale, m.speaker.scale)
	for _, t := range m.tables() {
		t.encode(&b)
	}
	for _, w := range append(append([]float32{}, m.out...), m.bias...) {
		b.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(w)))
	}
	return b.Bytes()
}

// encode writes a table without its empty rows.
func (t *table) encode(b *bytes.Buffer) {
	rows := len(t.values) / t.width
	used := make([]byte, rows/8)
	var body []byte
	for i := range rows {
		row := t.values[i*t.width:][:t.width]
		if slices.IndexFunc(row, func(v int8) bool { return v != 0 }) < 0 {
			continue
		}
		used[i/8] |= 1 << (i % 8)
		for _, v := range row {
			body = append(body, byte(v))
		}
	}
	b.Write(used)
	b.Write(body)
}

// decode fills a table and returns what follows it; false if data is too short.
func (t *table) decode(data []byte) ([]byte, bool) {
	rows := len(t.values) / t.width
	if len(data) < rows/8 {
		return nil, false
	}
	used, data := data[:rows/8], data[rows/8:]
	for i := range rows {
		if used[i/8]&(1<<(i%8)) == 0 {
			continue
		}
		if len(data) < t.width {
			return nil, false
		}
		for k := range t.width {
			t.values[i*t.width+k] = int8(data[k])
		}
		data = data[t.width:]
	}
	return data, true
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
	m.linear.width, m.hidden.width, m.category.width, m.speaker.width = levelCount, hiddenUnits, len(m.names), subjectCount
	_, err := fmt.Sscanf(fields["scales"], "%g %g %g %g",
		&m.linear.scale, &m.hidden.scale, &m.category.scale, &m.speaker.scale)
	if err != nil || fields["bits"] != fmt.Sprint(hashBits) || len(m.levels) != len(m.names) || len(m.names) > maxWidth {
		return nil, fmt.Errorf("triage: weights: header does not fit this program; run go run ./bot/triage/train")
	}
	for _, t := range m.tables() {
		size := t.width << hashBits
		if t == &m.category {
			size >>= categoryShift
		}
		if t == &m.speaker {
			size >>= speakerShift
		}
		t.values = make([]int8, size)
		if body, ok = t.decode(body); !ok {
			return nil, fmt.Errorf("triage: weights: file is cut short")
		}
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
