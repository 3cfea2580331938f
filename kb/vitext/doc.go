// Package vitext reads Vietnamese as people type it: without diacritics, in
// teencode, in dialect, with Telex and VNI slips, shouted, split and doubled.
//
// [Clean], [Fold], [Tone] and [GSM] are plain functions on strings.
// [Normaliser.Normalise] takes a whole message apart:
//
//  1. Clean: valid, NFC, printable text. All offsets refer to it.
//  2. Lex (lex.go, rejoin.go): words and numbers; punctuation becomes
//     boundaries, emoji are set aside, "ch.u" becomes chu.
//  3. Rewrite (normalise.go): each word is looked up in the rule tables
//     (rules.go), whose rows may ask for neighbours: "k" is không, "mô" is
//     đâu after "đi". A word no rule changes is repaired on its own
//     (repair.go): letters held down, Telex and VNI keys (keyboard.go),
//     letters against numbers (numbers.go), teen spellings (spelling.go),
//     two syllables run together.
//  4. Judge marks (marks.go): for each syllable, whether its marks, or their
//     absence, can be relied on.
//
// A word is repaired only when it is neither a Vietnamese syllable nor known
// English, and only into a valid syllable. A word written without marks stays
// without marks unless a table is sure: "ko" is không, but "trog" is trong
// with Marked false.
//
// The tables in tables/ are for staff to read and extend; each begins with a
// comment on its format, and New refuses contradictory ones. Rules keep
// Normalise idempotent: no expansion contains a word that is itself a key.
package vitext
