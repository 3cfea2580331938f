package twilioserver

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// descriptions are what Twilio publishes of the calls below, without examples and words; .ci/twilio-api.mjs tells where
// they are from and makes them again.
//
//go:embed twilio_api_v2010.json twilio_messaging_v1.json
var descriptions embed.FS

// operation is where a description tells of a call, and what the path's parameter is there.
type operation struct{ file, method, path, name, value string }

const (
	rest      = "twilio_api_v2010.json"
	messaging = "twilio_messaging_v1.json"
)

var calls = map[string]operation{
	Messages:       {rest, http.MethodPost, "/2010-04-01/Accounts/{AccountSid}/Messages.json", "AccountSid", AccountSID},
	Log:            {rest, http.MethodGet, "/2010-04-01/Accounts/{AccountSid}/Messages.json", "AccountSid", AccountSID},
	Numbers:        {rest, http.MethodGet, "/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json", "AccountSid", AccountSID},
	Account:        {rest, http.MethodGet, "/2010-04-01/Accounts/{Sid}.json", "Sid", AccountSID},
	Service:        {messaging, http.MethodGet, "/v1/Services/{Sid}", "Sid", ServiceSID},
	ServiceNumbers: {messaging, http.MethodGet, "/v1/Services/{ServiceSid}/PhoneNumbers", "ServiceSid", ServiceSID},
	ServiceCodes:   {messaging, http.MethodGet, "/v1/Services/{ServiceSid}/ShortCodes", "ServiceSid", ServiceSID},
	ServiceNames:   {messaging, http.MethodGet, "/v1/Services/{ServiceSid}/AlphaSenders", "ServiceSid", ServiceSID},
}

// address is where the call is made, without its host.
func (o operation) address() string { return strings.Replace(o.path, "{"+o.name+"}", o.value, 1) }

// published is Twilio's descriptions by file, ready to judge by.
type published map[string]*openapi3.T

// readDescriptions fails only if a file in this folder is broken.
func readDescriptions() (published, error) {
	p := published{}
	for _, file := range []string{rest, messaging} {
		data, err := descriptions.ReadFile(file)
		if err != nil {
			return nil, err
		}
		doc, err := openapi3.NewLoader().LoadFromData(data)
		if err == nil {
			err = doc.Validate(context.Background())
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		p[file] = doc
	}
	return p, nil
}

// request says what is wrong with a request for that call, without quoting it. The body can be read again afterwards.
func (p published) request(endpoint string, r *http.Request) error {
	in := p.input(endpoint, r)
	operation := in.Route.Operation
	for name := range r.URL.Query() {
		if operation.Parameters.GetByInAndName(openapi3.ParameterInQuery, name) == nil {
			return errors.New("unknown parameter " + name + " in the address")
		}
	}
	return spoken(openapi3filter.ValidateRequest(r.Context(), in))
}

// answer says what is wrong with our own answer to a request for that call.
func (p published) answer(endpoint string, r *http.Request, a answer) error {
	body, err := json.Marshal(a.Body)
	if err != nil {
		return err
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: p.input(endpoint, r), Status: a.Status,
		Header:  http.Header{"Content-Type": {a.Type}},
		Options: &openapi3filter.Options{IncludeResponseStatus: true}}
	return spoken(openapi3filter.ValidateResponse(r.Context(), out.SetBodyBytes(body)))
}

// input is a request together with what the description says of its call.
func (p published) input(endpoint string, r *http.Request) *openapi3filter.RequestValidationInput {
	c := calls[endpoint]
	doc := p[c.file]
	item := doc.Paths.Value(c.path)
	return &openapi3filter.RequestValidationInput{
		Request: r, PathParams: map[string]string{c.name: c.value},
		Route: &routers.Route{Spec: doc, Path: c.path, PathItem: item, Method: c.method, Operation: item.GetOperation(c.method)},
		// Who asks is looked at before.
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	}
}

// spoken tells where the description is not kept and which of its words, but no value.
func spoken(err error) error {
	if err == nil {
		return nil
	}
	where, word := "", "the form"
	var request *openapi3filter.RequestError
	if errors.As(err, &request) && request.Parameter != nil {
		where = request.Parameter.Name
	}
	var parsing *openapi3filter.ParseError
	if errors.As(err, &parsing) {
		where = fmt.Sprint(where, parsing.Path())
		word = "type"
	}
	var schema *openapi3.SchemaError
	if errors.As(err, &schema) {
		where += strings.Join(schema.JSONPointer(), "/")
		word = schema.SchemaField
	}
	return fmt.Errorf("against the published description: %s: %s", where, word)
}
