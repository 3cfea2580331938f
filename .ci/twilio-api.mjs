// Cuts the calls that treem makes out of Twilio's published description of its API, as the npm package @twilio/cli-core
// brings it (`npm pack @twilio/cli-core@9.0.0`, Apache 2.0 and MIT), without its examples and descriptions:
//   node .ci/twilio-api.mjs package/src/services/twilio-api/twilio_api_v2010.json
//   node .ci/twilio-api.mjs package/src/services/twilio-api/twilio_messaging_v1.json
// The results are kept in channels/channelstest/twilioserver, whose stand-in measures every request and answer by them.
import { readFileSync } from "node:fs";
import { basename } from "node:path";

const calls = {
  "twilio_api_v2010.json": {
    "/2010-04-01/Accounts/{Sid}.json": ["get"],
    "/2010-04-01/Accounts/{AccountSid}/Messages.json": ["post", "get"],
    "/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json": ["get"],
  },
  "twilio_messaging_v1.json": {
    "/v1/Services/{Sid}": ["get"],
    "/v1/Services/{ServiceSid}/PhoneNumbers": ["get"],
    "/v1/Services/{ServiceSid}/ShortCodes": ["get"],
    "/v1/Services/{ServiceSid}/AlphaSenders": ["get"],
  },
}[basename(process.argv[2])];
const whole = JSON.parse(readFileSync(process.argv[2]));

// bare leaves out what is for readers.
const bare = (x) => {
  if (Array.isArray(x)) return x.map(bare);
  if (x === null || typeof x !== "object") return x;
  return Object.fromEntries(Object.entries(x)
    .filter(([name, v]) => !name.startsWith("x-") && name !== "examples" && name !== "tags"
      && !((name === "description" || name === "summary" || name === "example") && typeof v !== "object"))
    .map(([name, v]) => [name, bare(v)]));
};

const paths = {};
for (const [path, methods] of Object.entries(calls)) {
  paths[path] = {};
  for (const method of methods) {
    const operation = bare(whole.paths[path][method]);
    for (const answer of Object.values(operation.responses)) {
      delete answer.headers;
      answer.description = "";
    }
    paths[path][method] = operation;
  }
}

const schemas = {};
const collect = (x) => {
  for (const [name] of JSON.stringify(x).matchAll(/(?<=#\/components\/schemas\/)[^"]+/g)) {
    if (schemas[name]) continue;
    schemas[name] = bare(whole.components.schemas[name]);
    collect(schemas[name]);
  }
};
collect(paths);

console.log(JSON.stringify({
  openapi: whole.openapi,
  info: { title: whole.info.title, version: whole.info.version, license: whole.info.license, contact: whole.info.contact },
  paths,
  components: { schemas, securitySchemes: whole.components.securitySchemes },
}, null, 1));
