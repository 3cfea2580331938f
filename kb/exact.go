package kb

// exact answers what somebody wrote into the content word for word: a title or a sample question. Marks and spelling do
// not matter.
type exact map[uint64][]int32 // text → documents

func (x exact) add(doc int32, samples [][]term) {
	for _, list := range samples {
		key := textKey(list)
		if places := x[key]; len(places) == 0 || places[len(places)-1] != doc {
			x[key] = append(places, doc)
		}
	}
}

// textKey stands for the syllables in their order.
func textKey(list []term) uint64 {
	key := uint64(0)
	for _, t := range list {
		if t.kind() == 0 {
			key = mix(key, t.key)
		}
	}
	return key
}

// exactly finds the entries whose title or question the text is. A question to be left unanswered is found and unknown.
func (ix *Index) exactly(list []term, limit int) (Result, bool) {
	docs := ix.exact[textKey(list)]
	if len(docs) == 0 || len(list) == 0 {
		return Result{}, false
	}
	result := Result{Verdict: VerdictUnknown}
	for _, doc := range docs {
		if ix.ranker.docs[doc].outside() || len(result.Hits) == min(limit, maxChoices) {
			continue
		}
		h := ix.ranker.docs[doc].hit
		h.Score = 1 / float64(len(docs))
		result.Hits = append(result.Hits, h)
	}
	switch {
	case len(result.Hits) == 0:
	case len(result.Hits) == 1:
		result.Verdict, result.Confidence = VerdictAnswer, 1
		result.Hits[0].Score = 1
	default:
		result.Verdict, result.Confidence, result.Choices = VerdictChoices, result.Hits[0].Score, len(result.Hits)
	}
	return result, true
}
