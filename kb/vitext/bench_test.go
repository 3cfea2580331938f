package vitext

import "testing"

const benchMessage = "e dag o nha ban, k muon ve vi ve la bi ba danh, e 14t. Con bị cô lập cả năm, cuwus em vowis, " +
	"mọi người ơi hổng ai biết hết trơn, bhyt cua con bn tien z"

func BenchmarkNormalise(b *testing.B) {
	n := mustNew(b)
	b.ReportAllocs()
	for b.Loop() {
		n.Normalise(benchMessage)
	}
}

func BenchmarkFold(b *testing.B) {
	for b.Loop() {
		Fold(benchMessage)
	}
}

func BenchmarkTone(b *testing.B) {
	for b.Loop() {
		Tone(benchMessage)
	}
}

func BenchmarkGSM(b *testing.B) {
	for b.Loop() {
		GSM(benchMessage)
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		mustNew(b)
	}
}
