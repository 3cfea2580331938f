package config

import (
	"fmt"
	"io"
	"reflect"
)

// Print writes every setting with its effective value, secrets hidden, one a line in the order of the struct.
func (c Config) Print(w io.Writer) error { return printStruct(w, reflect.ValueOf(c), "") }

func printStruct(w io.Writer, v reflect.Value, prefix string) error {
	for f, value := range v.Fields() {
		name := prefix + f.Tag.Get("mapstructure")
		if f.Type.Kind() == reflect.Struct {
			if err := printStruct(w, value, name+"."); err != nil {
				return err
			}
			continue
		}
		if _, err := fmt.Fprintf(w, "%s = %v\n", name, value.Interface()); err != nil {
			return err
		}
	}
	return nil
}
