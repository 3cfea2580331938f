// Package kb is the knowledge base: entries and laws as staff wrote them, and the search that finds the right one
// however a question is typed.
//
// A search has five steps (search.go):
//
//  1. A title or sample question, word for word, is its entry (exact.go).
//  2. A reference to the law ("Điều 25 Luật Trẻ em", "nd 56 d31") is looked up (reference.go).
//  3. bleve brings some dozens of candidates by the question's most telling syllables, pairs of syllables and concepts
//     (index.go). Terms carry no marks here; where the writer gave marks, they are compared in the next step.
//  4. The candidates are compared with the phrasings each entry collects and ordered by fitted weights (comparer.go,
//     features.go, ranker.go).
//  5. Signs of how well the best one explains the question, how much the question is like those that are to be left
//     unanswered, and which words of other matters it holds decide between an answer, an answer with others offered
//     beside it, choices, and "I do not know" (signs.go, rank.go).
//
// The tables in tables/ are for staff to extend; weights.json is found by TestFit from the content and the questions in
// testdata/questions. README.md has the measurements. Check tests the rules for content.
//
// This is the only package that imports bleve.
package kb
