package kb

// What a document is compared by. The names stand in tables/weights.json.
const (
	featBest     = iota // likeness of the question and the best phrasing
	featSecond          // the same for the second best
	featTitle           // and for the title
	featRecall          // share of the question that the best phrasing holds
	featPrecise         // share of the best phrasing that the question holds
	featPairs           // share of the question's pairs that the best phrasing holds
	featAsks            // share of the question that the phrasings together hold
	featText            // share of the question that the whole document holds
	featCosine          // cosine of the question and the phrasings together
	featWords           // likelihood of the question's syllables in the document against anywhere
	featPhrases         // the same for its pairs
	featMeanings        // and for its concepts
	featGroup           // likelihood of the question in the document's group against anywhere
	featBody            // weight of the question's terms in the document's text
	featTones           // share of the best phrasing's words whose marks differ
	featArticle         // the document is an article
	featTopic           // it has the conversation's topic
	featRarest          // the most telling syllable of the question is in the document
	featureCount
)

type features [featureCount]float64

func featureNames() []string {
	return []string{"best", "second", "title", "recall", "precise", "pairs", "asks", "text", "cosine", "words", "phrases",
		"meanings", "group", "body", "tones", "article", "topic", "rarest"}
}

// like weighs what two texts share against their own weights: the question's counts more.
func like(common, question, sample float64) float64 { return common / (.6*question + .4*sample) }

// features compares the question with one document.
func (c *comparer) features(r *ranker, q question, doc, without int32) features {
	var f features
	d := &r.docs[doc]
	best := int32(-1)
	for i := d.from; i < d.to; i++ {
		if i == without || c.common[i] == 0 {
			continue
		}
		s := like(c.common[i], q.all, r.samples[i].weight)
		if i == d.from {
			f[featTitle] = s
		}
		switch {
		case s > f[featBest]:
			f[featSecond], f[featBest], best = f[featBest], s, i
		case s > f[featSecond]:
			f[featSecond] = s
		}
	}
	if best >= 0 {
		f[featRecall] = c.common[best] / q.all
		f[featPrecise] = c.common[best] / r.samples[best].weight
		f[featTones] = c.clash[best] / q.all
		if q.pairs > 0 {
			f[featPairs] = c.pairs[best] / q.pairs
		}
	}
	f[featAsks] = c.asks[doc] / q.all
	f[featText] = c.text[doc] / q.all
	if d.norm > 0 {
		f[featCosine] = c.dot[doc] / (d.norm * q.length)
	}
	f[featWords], f[featPhrases], f[featMeanings] = c.likely[0][doc]/10, c.likely[1][doc]/10, c.likely[2][doc]/10
	f[featBody] = c.body[doc] / 10
	f[featGroup] = c.group[d.group] / 10
	if d.hit.Article != nil {
		f[featArticle] = 1
	}
	if q.rarest >= 0 {
		t := q.terms[q.rarest]
		if r.inPhrasing(t.id, t.toned, doc, without) || d.hit.Article != nil && r.inText(t.id, t.toned, doc) {
			f[featRarest] = 1
		}
	}
	return f
}
