package handover

import (
	"time"

	"treem/channels/hotline"
)

// Public is what a notice tells other programs about the case: it names nobody and holds nothing the person wrote. chi is
// the case's category in the terms of Child Helpline International.
func (c *Case) Public(chi string) hotline.Case {
	holds := c.Machine
	if c.Human != nil {
		holds = *c.Human
	}
	due := c.AckDue
	if c.Owner != "" {
		due = time.Time{} // it is taken
	}
	return hotline.Case{ID: c.ID, Ref: c.Ref, Status: string(c.Status), Level: string(holds.Level), Category: holds.Category, CHI: chi,
		Subject: string(c.Machine.Subject), Ongoing: c.Machine.Ongoing, Channel: c.Channel, Commune: c.Consent.Commune,
		MayContact: known(c.Consent.MayContact), SafeTime: c.Consent.SafeTime, Shared: known(c.Consent.Shared),
		SafeNow: known(c.Consent.SafeNow), Tier: c.Tier, OpenedAt: c.OpenedAt, AckDue: due}
}

func known(a Answer) string {
	if a == Yes || a == No {
		return string(a)
	}
	return "unknown"
}
