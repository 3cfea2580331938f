package twilioserver

import (
	"fmt"
	"net/http"
)

// MessagingService is how the account's Messaging Service is set up.
type MessagingService struct {
	Gone                  bool   // there is none
	Inbound               string // where its incoming messages go
	ByNumber              bool   // they go where each number says instead
	Numbers, Codes, Names int    // how many senders it has of each kind
}

// SetService sets up the Messaging Service, as in Twilio's console. Without, it has one sender name and no web hook.
func (s *Server) SetService(m MessagingService) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.service = m
}

// answerService tells of the Messaging Service.
func (s *Server) answerService() answer {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	if s.service.Gone {
		return refuse(http.StatusNotFound, 20404, "The requested resource /v1/Services/"+ServiceSID+" was not found")
	}
	var inbound any
	if s.service.Inbound != "" {
		inbound = s.service.Inbound
	}
	return reply(http.StatusOK, map[string]any{"sid": ServiceSID, "account_sid": AccountSID, "friendly_name": "treem",
		"inbound_request_url": inbound, "inbound_method": "POST", "use_inbound_webhook_on_number": s.service.ByNumber})
}

// answerSenders lists one kind of the service's senders.
func (s *Server) answerSenders(endpoint string) answer {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	list, prefix, count := "phone_numbers", "PN", s.service.Numbers
	switch endpoint {
	case ServiceCodes:
		list, prefix, count = "short_codes", "SC", s.service.Codes
	case ServiceNames:
		list, prefix, count = "alpha_senders", "AI", s.service.Names
	}
	senders := make([]any, count)
	for i := range senders {
		senders[i] = map[string]any{"sid": fmt.Sprintf("%s%032d", prefix, i), "account_sid": AccountSID, "service_sid": ServiceSID}
	}
	return reply(http.StatusOK, map[string]any{list: senders, "meta": map[string]any{"page": 0, "page_size": 50, "key": list,
		"url": s.URL() + calls[endpoint].address(), "first_page_url": s.URL() + calls[endpoint].address(),
		"next_page_url": nil, "previous_page_url": nil}})
}
