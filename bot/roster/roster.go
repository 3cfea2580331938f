// Package roster says who is on duty. It is pure: a roster, a commune and a time go in, the people to tell come out.
package roster
