package roster

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a small machine may have no time zones of its own

	"go.yaml.in/yaml/v3"
)

// file is a roster as it is written.
type file struct {
	Zone     string    `yaml:"zone"`
	Officers []Officer `yaml:"officers"`
	Holidays []string  `yaml:"holidays"`
	Tiers    []struct {
		Name   string `yaml:"name"`
		Shifts []struct {
			Days     []string `yaml:"days"`
			From     string   `yaml:"from"`
			To       string   `yaml:"to"`
			Holidays bool     `yaml:"holidays"`
			Communes []string `yaml:"communes"`
			Officers []string `yaml:"officers"`
		} `yaml:"shifts"`
	} `yaml:"tiers"`
}

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// Parse reads a roster. known says whether a commune's code exists. Every mistake is named, with its place.
func Parse(data []byte, known func(commune string) bool) (*Roster, error) {
	var f file
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil {
		return nil, fmt.Errorf("roster: %w", err)
	}
	r := &Roster{officers: f.Officers, holidays: map[string]bool{}}
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf("roster: "+format, args...)) }
	if f.Zone == "" {
		f.Zone = "Asia/Ho_Chi_Minh"
	}
	var err error
	if r.zone, err = time.LoadLocation(f.Zone); err != nil {
		wrong("zone %q is not known; write Asia/Ho_Chi_Minh", f.Zone)
	}
	for _, h := range f.Holidays {
		if _, err := time.Parse(time.DateOnly, h); err != nil {
			wrong("holiday %q is not a date; write 2027-01-01", h)
		}
		r.holidays[h] = true
	}
	index := map[string]int{}
	for i, o := range f.Officers {
		errs = append(errs, checkOfficer(i, o))
		if _, twice := index[o.ID]; twice {
			wrong("officer %q is there twice", o.ID)
		}
		index[o.ID] = i
	}
	if len(f.Tiers) == 0 {
		wrong("there is no tier; at least one is needed")
	}
	for n, t := range f.Tiers {
		if len(t.Shifts) == 0 {
			wrong("tier %d has no shift", n+1)
		}
		r.tiers = append(r.tiers, tier{name: t.Name})
		for k, written := range t.Shifts {
			at := fmt.Sprintf("tier %d, shift %d", n+1, k+1)
			s := shift{holidays: written.Holidays, communes: written.Communes}
			if s.days, err = days(written.Days); err != nil {
				wrong("%s: %w", at, err)
			}
			if s.from, err = clock(written.From, 0); err != nil {
				wrong("%s: from: %w", at, err)
			}
			if s.to, err = clock(written.To, 24*60); err != nil {
				wrong("%s: to: %w", at, err)
			}
			for _, c := range written.Communes {
				if !known(c) {
					wrong("%s: commune %q does not exist; kb/content/communes.yaml lists the codes", at, c)
				}
			}
			if len(written.Officers) == 0 {
				wrong("%s: nobody is named", at)
			}
			for _, id := range written.Officers {
				i, ok := index[id]
				if !ok {
					wrong("%s: officer %q is not in the list of officers", at, id)
				}
				s.officers = append(s.officers, i)
			}
			r.tiers[n].shifts = append(r.tiers[n].shifts, s)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return r, nil
}

var (
	digits = regexp.MustCompile(`^[1-9][0-9]*$`)
	e164   = regexp.MustCompile(`^\+[1-9][0-9]{7,14}$`)
)

func checkOfficer(i int, o Officer) error {
	switch {
	case o.ID == "":
		return fmt.Errorf("roster: officer %d has no id", i+1)
	case o.Telegram == "" && o.SMS == "" && o.Email == "":
		return fmt.Errorf("roster: officer %q cannot be reached: give telegram, sms or email", o.ID)
	case o.Telegram != "" && !digits.MatchString(o.Telegram):
		return fmt.Errorf("roster: officer %q: telegram is the numeric user id, not a name", o.ID)
	case o.SMS != "" && !e164.MatchString(o.SMS):
		return fmt.Errorf("roster: officer %q: sms is written +84 and the number, without spaces", o.ID)
	case o.Email != "" && strings.Count(o.Email, "@") != 1:
		return fmt.Errorf("roster: officer %q: email is no address", o.ID)
	}
	return nil
}

// days reads weekdays; none means every day.
func days(names []string) (on [7]bool, err error) {
	for _, name := range names {
		i := slices.Index(weekdays, strings.ToLower(name))
		if i < 0 {
			return on, fmt.Errorf("day %q is not one of %s", name, strings.Join(weekdays, ", "))
		}
		on[i] = true
	}
	if len(names) == 0 {
		for i := range on {
			on[i] = true
		}
	}
	return on, nil
}

// clock reads "07:30" as minutes since midnight.
func clock(text string, otherwise int) (int, error) {
	if text == "" {
		return otherwise, nil
	}
	h, m, ok := strings.Cut(text, ":")
	hours, err1 := strconv.Atoi(h)
	minutes, err2 := strconv.Atoi(m)
	if !ok || err1 != nil || err2 != nil || hours < 0 || minutes < 0 || minutes > 59 || hours*60+minutes > 24*60 {
		return 0, fmt.Errorf("%q is not a time of day; write 07:30", text)
	}
	return hours*60 + minutes, nil
}
