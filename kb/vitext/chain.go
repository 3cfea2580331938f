package vitext

// node is one word on its way from lexing to a Syllable.
type node struct {
	start, end  int // in Text.Clean
	form        string
	folded      string
	prev, next  int // indexes in chain.nodes; -1 at the ends
	breakBefore bool
	typedMarks  bool // the writer gave this word its marks
	fromTable   bool // a rule table gave this form
	sure        bool // fromTable, and marks can be relied on
	slang       bool
	repaired    bool // word repair has been tried on this form
}

// chain is a doubly linked list of nodes in one slice.
type chain struct {
	nodes      []node
	head, tail int
	steps      int // words looked at by rewrite; tests bound it
}

func newChain(size int) *chain {
	return &chain{nodes: make([]node, 0, size), head: -1, tail: -1}
}

// append adds a node at the end.
func (c *chain) append(n node) {
	n.folded = Fold(n.form)
	n.prev, n.next = c.tail, -1
	c.nodes = append(c.nodes, n)
	at := len(c.nodes) - 1
	if c.tail >= 0 {
		c.nodes[c.tail].next = at
	} else {
		c.head = at
	}
	c.tail = at
}

// replace puts words in the place of node at, which takes the first of them.
// The new nodes copy the flags of like.
func (c *chain) replace(at int, words []string, like node) {
	old := c.nodes[at]
	for i, w := range words {
		n := like
		n.start, n.end, n.slang = old.start, old.end, true
		n.form = Tone(w) // joined letters may want the tone elsewhere
		n.folded = Fold(n.form)
		n.prev, n.next, n.breakBefore = old.prev, old.next, old.breakBefore
		if i == 0 {
			c.nodes[at] = n
			continue
		}
		n.prev, n.breakBefore = at, false
		n.next = c.nodes[at].next
		c.nodes = append(c.nodes, n)
		created := len(c.nodes) - 1
		c.nodes[at].next = created
		if n.next >= 0 {
			c.nodes[n.next].prev = created
		} else {
			c.tail = created
		}
		at = created
	}
}
