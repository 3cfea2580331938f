// Package bot is the service: it takes what people write, decides what they get, and keeps what must not be lost.
//
// # One message
//
//  1. A channel (channels/*) verifies what came in, builds a channels.Inbound and calls [Bot.Accept].
//  2. Accept, one transaction: the message is stored, unique on channel and provider id, with a job to handle it. A
//     repeat is success. Only after the commit does the provider hear "received". Triage has looked at the words before:
//     who is in danger has a transaction and a queue of their own, a crowd's messages share one and theirs.
//  3. The queue calls [Bot.Handle]. For each waiting message of the conversation, oldest first, the [Responder]
//     normalises the text, runs triage, then one step of the dialogue, and searches if the step asks for it. None of this
//     is inside a transaction, and none of it can fail: if triage breaks the message counts as urgent, if search or
//     dialogue break the person still gets the numbers to call.
//  4. One transaction ([Store].SaveTurn): the conversation, if nobody changed it meanwhile; the replies; the case, if
//     any; what staff should know; the message marked handled; a job to deliver. If the conversation changed, all of it is
//     dropped and worked out again, so one person's messages keep their order.
//  5. The queue calls [Bot.Deliver], with workers for each channel and for urgent replies, so that a slow provider holds up
//     nobody. Replies of a conversation go out one at a time, urgent ones first: claimed with a lease, sent, the outcome
//     written under a time limit of its own. A channels.SendError says try again, stop, or our fault; no answer means
//     unknown, and is tried again only so often. A crash between send and record repeats a reply at most once a crash; it
//     never loses one.
//  6. Receipts come back through the channel into the store; a delivery only moves forward.
//
// # One case
//
//  1. What the dialogue decides about a case becomes a handover.Plan: the changed case, its history, who is told, by when
//     somebody must take it. SaveTurn stores it with the message that caused it, with a notice for each recipient and the
//     jobs to send them and to look at the deadline. An officer's act goes the same way ([Bot.Act], or a message from the
//     duty group, a duty telephone or an officer's own chat). Case and conversation carry versions, so of two officers, or
//     of an officer and the person, one is worked out again.
//  2. The queue calls [Bot.Notify], with workers for each target: claimed with a lease, sent, recorded. Notices of one case
//     to one address keep their order; nothing else waits. Even what is refused as our fault is tried again for two weeks.
//     Only the officer who has the case is ever sent the person's words, and only in a chat of their own.
//  3. The queue calls [Bot.Escalate] at the deadline: next tier, everybody, then reminders and a standing alarm. One call
//     escalates once; an officer who took a case and did nothing with it loses it; a deadline further away than any rule allows means that the clock was put back, and begins anew.
//  4. [Bot.Sweep] runs beside the queue, by a ticker that no change of the time of day stops, and does itself what has
//     waited too long: messages, replies, notices, deadlines.
//  5. When nothing can be stored, who is in danger still gets the numbers to call, straight through the channel, and the
//     provider is told to send the message again.
//
// When the program starts it enqueues again whatever was left; while it runs, upkeep does the same for anything that
// waits too long. A job therefore only says "look at this conversation" and may run any number of times.
//
// # Who imports whom
//
// Two engines keep the data: SQLite, one program's file, and PostgreSQL, shared by any number of equal programs. The
// statements are the same; where SQLite has one writer, PostgreSQL locks the row of the conversation, so that a person's
// messages and replies keep their order whichever program works on them. A program's leases are taken up by the others
// when it dies, what only one may do (polling Telegram) goes with a lock, and copies of either engine are SQLite files.
//
// Below this package stand triage, dialogue, channels and kb, each with nouns of its own; above it store, queue and
// console. What the console needs and is pure stands beside: staff, editorial, report. The console acts on cases through
// [Bot.Act] like every other way to them, and changes content only by storing a new set of it, which every process
// follows. Dialogue may use the values of triage and kb, which are pure, so that nothing is translated between
// look-alike structs. cmd/treem joins them all, and a test there compares the table of allowed imports with go list.
package bot
