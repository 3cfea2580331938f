package twilio

import "treem/channels"

// optedOut is the code for a person who answered STOP.
const optedOut = 21610

// meaning is what one of Twilio's codes means for us.
type meaning struct {
	verdict channels.Verdict
	text    string // ours, with what to do where somebody can do something
}

// codes are the answers to sending that need a verdict of their own, from https://www.twilio.com/docs/api/errors.
// Stop is for what lies with the person's number, Fault for what lies with us, Retry for what passes. A code that is
// missing here goes by its HTTP status.
var codes = map[int]meaning{
	// The person's number: nothing sent there can arrive.
	optedOut: {channels.Stop, "the person answered STOP"},
	21211:    {channels.Stop, "no such number"},
	21214:    {channels.Stop, "the number cannot be reached"},
	21217:    {channels.Stop, "no such number"},
	21265:    {channels.Stop, "the number is a short code"},
	21266:    {channels.Stop, "the number is our own"},
	21614:    {channels.Stop, "the number is no mobile number"},
	21635:    {channels.Stop, "the number is a landline"},

	// The account.
	10001: {channels.Fault, "the account is not active; see billing and notices in Twilio's console"},
	20003: {channels.Fault, "account SID or auth token is wrong"},
	20005: {channels.Fault, "the account is not active; see billing and notices in Twilio's console"},
	20006: {channels.Fault, "the account may not do this"},
	20008: {channels.Fault, "these are test credentials"},
	20403: {channels.Fault, "the account is suspended or closed; ask Twilio's support"},
	20404: {channels.Fault, "unknown address; check twilio.api_url and twilio.account_sid"},
	90010: {channels.Fault, "the account is not active; see billing and notices in Twilio's console"},
	21219: {channels.Fault, "a trial account reaches verified numbers only"},
	21267: {channels.Fault, "a trial account cannot use a sender name"},
	21608: {channels.Fault, "a trial account reaches verified numbers only"},
	21408: {channels.Fault, "sending to this country is off; switch it on under Messaging, Settings, Geo permissions"},

	// The sender. These say nothing about the person: another sender may reach them.
	21212: {channels.Fault, "twilio.from is not valid"},
	21601: {channels.Fault, "twilio.from cannot send SMS"},
	21603: {channels.Fault, "no sender given"},
	21606: {channels.Fault, "twilio.from cannot send there"},
	21607: {channels.Fault, "twilio.from is not a number of this account"},
	21612: {channels.Fault, "there is no route from this sender to this country or operator"},
	21659: {channels.Fault, "twilio.from is not a number of Twilio, or a short code of another country"},
	21660: {channels.Fault, "twilio.from belongs to another account"},
	21661: {channels.Fault, "twilio.from cannot send SMS"},
	21701: {channels.Fault, "there is no such messaging service"},
	21703: {channels.Fault, "the messaging service has no sender"},
	21705: {channels.Fault, "twilio.messaging_service_sid is not valid"},

	// The request.
	20001: {channels.Fault, "a parameter is wrong"},
	21602: {channels.Fault, "the text is empty"},
	21604: {channels.Fault, "no number given"},
	21605: {channels.Fault, "the text is too long"},
	21609: {channels.Fault, "public_url cannot be reached from the internet, or its name holds an underscore"},
	21617: {channels.Fault, "the text is too long"},
	21619: {channels.Fault, "the text is empty"},

	// What passes.
	14107: {channels.Retry, "too many messages"},
	20429: {channels.Retry, "too many requests"},
	20500: {channels.Retry, "an error at Twilio"},
	20503: {channels.Retry, "Twilio is not available"},
	21611: {channels.Retry, "this sender's queue at Twilio is full"},
	63038: {channels.Retry, "the account's daily limit is reached"},
}

// inactive are the codes that mean the account as a whole does not work.
var inactive = map[int]bool{10001: true, 20005: true, 20403: true, 90010: true}
