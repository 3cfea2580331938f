// Package content embeds what the service says: entries, laws, facts, menus and phrases. It holds no logic; how the
// files are written is told in README.md beside it.
package content

import "embed"

// FS holds entries/, laws/, facts/, media/ and the phrase files.
//
//go:embed entries laws facts forms media *.yaml
var FS embed.FS
