// Package kb is the knowledge base: entries and laws as staff wrote them, and the search that finds the right one
// however a question is typed.
//
// A search has four steps. A reference to the law ("Điều 25 Luật Trẻ em", "nd 56 d31") is looked up directly. Anything
// else goes to bleve, which brings some dozens of candidates: syllables and pairs of syllables are matched with marks
// where the writer gave marks, without where not. The candidates are then compared with the phrasings each entry
// collects, weighted by how telling each syllable is. At last the best score, its lead and how much of the question it
// explains decide between an answer, choices, and "I do not know".
//
// This is the only package that imports bleve.
package kb
