// Package statute reads the text of a Vietnamese statute from .txt, .docx, .html or .pdf and takes it apart into
// chapters, sections, articles (Điều), clauses (khoản) and points (điểm), word for word.
//
// [Read] has four steps:
//
//  1. Lines (text.go, docx.go, html.go, pdf.go): each format gives paragraphs or printed lines, cleaned to NFC without
//     soft hyphens and odd spaces; a table's row is one line.
//  2. Head (head.go): the "# key: value" lines that may stand before the text.
//  3. Layout (page.go, wrap.go): page headers, footers and page numbers go, lines broken in print are joined again.
//  4. Structure (parse.go): each line is recognised by how it begins (mark.go) and by what must come next (order.go).
//     What stands in quotation marks is new wording for another statute and no article of this one (quote.go). Lines
//     that hold several clauses or articles are parted.
//
// Nothing is left out silently. What belongs to no article (recitals, signatures, annexes) and everything that does
// not fit is told in [Document.Problems], by line.
//
// Form of statutes: Law 64/2025/QH15 and Decree 78/2025/NĐ-CP (parts, chapters, sections, sub-sections, articles,
// clauses in Arabic numerals, points in the Vietnamese alphabet; inserted ones with a letter).
package statute
