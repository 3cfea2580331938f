package twilioserver

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// description is what Twilio publishes of the calls below, without examples and words; .ci/twilio-api.mjs tells where it
// is from and makes it again.
//
//go:embed twilio_api_v2010.json
var description []byte

// operation is where the description tells of a call, and what its path's parameter is named there.
type operation struct{ method, path, account string }

var calls = map[string]operation{
	Messages: {http.MethodPost, "/2010-04-01/Accounts/{AccountSid}/Messages.json", "AccountSid"},
	Log:      {http.MethodGet, "/2010-04-01/Accounts/{AccountSid}/Messages.json", "AccountSid"},
	Numbers:  {http.MethodGet, "/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json", "AccountSid"},
	Account:  {http.MethodGet, "/2010-04-01/Accounts/{Sid}.json", "Sid"},
}

// published is Twilio's description, ready to judge by.
type published struct{ doc *openapi3.T }

// readDescription fails only if the file in this folder is broken.
func readDescription() (published, error) {
	doc, err := openapi3.NewLoader().LoadFromData(description)
	if err == nil {
		err = doc.Validate(context.Background())
	}
	return published{doc}, err
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
	item := p.doc.Paths.Value(c.path)
	return &openapi3filter.RequestValidationInput{
		Request: r, PathParams: map[string]string{c.account: AccountSID},
		Route: &routers.Route{Spec: p.doc, Path: c.path, PathItem: item, Method: c.method, Operation: item.GetOperation(c.method)},
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
