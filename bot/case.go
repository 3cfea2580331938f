package bot

import (
	"time"

	"treem/bot/dialogue"
	"treem/bot/handover"
	"treem/channels"
	"treem/channels/hotline"
)

// CaseChange is what one message does to a case, as the dialogue sees it.
type CaseChange = dialogue.CaseChange

// CaseUpdate is a changed case and all that the change causes. It is stored in one transaction or not at all.
type CaseUpdate struct {
	Case    handover.Case // as it is to be; Version 1: a new one
	Events  []handover.Event
	Notices []Notice
	Due     bool          // AckDue is new: a job looks at the case then
	Unheard bool          // everybody was told and nobody took it in time
	ActID   string        // for an officer's act: the same act is stored once
	Person  *Conversation // for an officer's act: the person's conversation as read, with its new state; nil: unchanged
	Say     []channels.Outbound
	At      time.Time
}

// Notice is one notice in its outbox.
type Notice struct {
	ID        int64
	Target    string // name of the target
	Notice    hotline.Notice
	Urgent    bool
	Tries     int       // sends begun before this one
	Uncertain bool      // an earlier try may have arrived
	CreatedAt time.Time //
}

// Stalled is what waits longer than it should, whatever became of its jobs.
type Stalled struct {
	Handle  []int64  // conversations with messages to answer
	Deliver []int64  // conversations with replies to send
	Targets []string // targets with notices to send
	Cases   []string // cases past their time
}

// Alarm is what somebody must look at now. Its zero value is all well.
type Alarm struct {
	Unheard int           // cases everybody was told of and nobody took in time
	Overdue int           // cases past their time that have not been escalated
	Failing []FailingPath // targets that do not take notices
}

// FailingPath is a target that does not take notices.
type FailingPath struct {
	Target  string
	Waiting int
	Since   time.Time // creation of the oldest notice that waits
}

// Well says that there is nothing to look at.
func (a Alarm) Well() bool { return a.Unheard == 0 && a.Overdue == 0 && len(a.Failing) == 0 }
