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

// The weights file begins with readable lines "key: value" and an empty line. Then follow one bit per bucket that says
// whether it has a row, and the tables. Last come out and bias as little-endian float32.

// headEnd ends the readable lines of a weights file.
var headEnd = []byte("\n\n")

// tables lists the tables in the order of the file.
func (m *model) tables() []*table { return []*table{&m.linear, &m.hidden, &m.speaker} }

// encode writes a model as a weights file.
func (m *model) encode(note string) []byte {
	var b bytes.Buffer
	fmt.Fprintln(&b, "treem triage weights. Do not edit: made by \"go run ./bot/triage/train\" from the data beside it.")
	fmt.Fprintln(&b, "note: "+note)
	fmt.Fprintln(&b, "training: "+m.training)
	fmt.Fprintf(&b, "bits: %d\n", hashBits)
	fmt.Fprintln(&b, "categories: "+strings.Join(m.names, " "))
	levels := make([]string, len(m.levels))
	for i, l := range m.levels {
		levels[i] = string(l)
	}
	fmt.Fprintln(&b, "levels: "+strings.Join(levels, " "))
	fmt.Fprintf(&b, "scales: %x %x %x\n\n", m.linear.scale, m.hidden.scale, m.speaker.scale)
	for _, word := range m.known {
		b.Write(binary.LittleEndian.AppendUint64(nil, word))
	}
	for _, t := range m.tables() {
		b.Write(t.values)
	}
	for _, w := range slices.Concat(m.out, m.bias) {
		b.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(w)))
	}
	return b.Bytes()
}

// decode reads a weights file; the model keeps parts of data.
func decode(data []byte) (*model, error) {
	head, body, ok := bytes.Cut(data, headEnd)
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
	m.linear.width, m.hidden.width, m.speaker.width = levelCount, nets*netUnits, subjectCount
	_, err := fmt.Sscanf(fields["scales"], "%g %g %g", &m.linear.scale, &m.hidden.scale, &m.speaker.scale)
	if err != nil || fields["bits"] != fmt.Sprint(hashBits) || len(m.levels) != len(m.names) || len(m.names) > categoryMax {
		return nil, fmt.Errorf("triage: weights: header does not fit this program; run go run ./bot/triage/train")
	}
	const bitmap = 1 << hashBits / 8
	if len(body) < bitmap {
		return nil, fmt.Errorf("triage: weights: file is cut short")
	}
	var rows []uint32
	for f := range uint32(1 << hashBits) {
		if body[f/8]&(1<<(f%8)) != 0 {
			rows = append(rows, f)
		}
	}
	m.index(rows)
	body = body[bitmap:]
	for _, t := range m.tables() {
		size := len(rows) * t.size()
		if len(body) < size {
			return nil, fmt.Errorf("triage: weights: file is cut short")
		}
		t.values, body = body[:size:size], body[size:]
	}
	floats := make([]float32, nets*len(m.names)*(netUnits+1))
	if len(body) != 4*len(floats) {
		return nil, fmt.Errorf("triage: weights: file has the wrong length")
	}
	for i := range floats {
		floats[i] = math.Float32frombits(binary.LittleEndian.Uint32(body[4*i:]))
	}
	m.out, m.bias = floats[:nets*len(m.names)*netUnits], floats[nets*len(m.names)*netUnits:]
	return m, nil
}

// quantise stores float weights in 4 bits each; the few beyond six times their root mean square are cut.
func quantise(w []float32, width int) table {
	sum, n := 0.0, 0
	for _, v := range w {
		if v != 0 {
			sum += float64(v) * float64(v)
			n++
		}
	}
	limit := 6 * math.Sqrt(sum/float64(max(n, 1)))
	t := table{width: width, scale: limit / (most * math.MaxUint8)}
	t.values = make([]byte, len(w)/width*t.size())
	if limit == 0 {
		return t
	}
	for i := range len(w) / width {
		t.pack(w[i*width:][:width], t.values[i*t.size():][:t.size()])
	}
	return t
}

// most is the largest weight of 4 bits.
const most = 7

// pack stores the weights of one row.
func (t *table) pack(w []float32, row []byte) {
	top := 0.0
	for _, v := range w {
		top = max(top, math.Abs(float64(v)))
	}
	by := min(math.MaxUint8, math.Ceil(top/(most*t.scale)))
	row[0] = byte(by)
	for k, v := range w {
		small := byte(int8(math.Round(max(-most, min(most, float64(v)/(t.scale*max(by, 1)))))))
		row[1+k/2] |= small & 0xf << (k % 2 * 4)
	}
}
