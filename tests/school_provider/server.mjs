// A school sign-in for tests: a certified OpenID provider that shares no code with ours, so that what we accept from it is
// what the standard says. It asks for no password and must never leave the loopback interface. It never lies.
//
// What to be comes as one JSON object on standard input: port (0: any that is free), keys (private, as JWK), claims_in
// ("id_token" or "userinfo"), scopes (which claims each gives), clients, and people (subject → claims; names with $ steer
// how they signed in).

import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { json, text } from 'node:stream/consumers';
import { Provider } from 'oidc-provider';

const HOST = '127.0.0.1';
const LIFETIME_S = 600;

const config = await json(process.stdin);
const people = new Map(Object.entries(config.people));

// Listening comes first: the issuer contains the port, and a port that was only looked up may be taken by then.
const server = createServer();
await new Promise((resolve) => server.listen(config.port, HOST, resolve));
const issuer = `http://${HOST}:${server.address().port}`;

/** What is said about a person. */
function claimsOf(id) {
  const said = Object.entries(people.get(id)).filter(([name]) => !name.startsWith('$'));
  return { sub: id, ...Object.fromEntries(said) };
}

/** Everything asked for is granted: consent is not what these tests are about. */
async function grantAll(ctx) {
  const { client, session, params, result } = ctx.oidc;
  const known = result?.consent?.grantId ?? session.grantIdFor(client.clientId);
  if (known) return ctx.oidc.provider.Grant.find(known);
  const grant = new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope(params.scope);
  await grant.save();
  return grant;
}

const provider = new Provider(issuer, {
  clients: config.clients.map((client) => ({
    grant_types: ['authorization_code'],
    response_types: ['code'],
    token_endpoint_auth_method: 'client_secret_basic',
    ...client,
  })),
  jwks: { keys: config.keys },
  cookies: {
    keys: [randomBytes(32).toString('hex')],
    // A browser shares cookies between the ports of one host: these may not meet the portal's.
    names: { session: 'op_session', interaction: 'op_interaction', resume: 'op_resume' },
  },
  claims: { openid: ['sub', 'acr', 'amr', 'auth_time'], ...config.scopes },
  conformIdTokenClaims: config.claims_in !== 'id_token',
  acrValues: [...new Set([...people.values()].map((person) => person.$acr).filter(Boolean))],
  pkce: { required: () => true },
  ttl: Object.fromEntries(['Interaction', 'Session', 'Grant', 'AccessToken', 'IdToken'].map((kind) => [kind, LIFETIME_S])),
  features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
  interactions: { url: (ctx, interaction) => `/sign-in/${interaction.uid}` },
  loadExistingGrant: grantAll,
  findAccount: (ctx, id) => (people.has(id) ? { accountId: id, claims: async () => claimsOf(id) } : undefined),
});

const escaped = (words) => String(words).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** One button for each person, and one to give up. */
function signInPage(uid) {
  const buttons = [...people].map(
    ([id, { name = id }]) => `<p><button name="login" value="${escaped(id)}">${escaped(name)} (${escaped(id)})</button></p>`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Test sign-in</title><h1>Test sign-in</h1>
<form method="post" action="/sign-in/${escaped(uid)}">${buttons.join('')}
<p><button name="cancel" value="1">Cancel</button></p></form></html>`;
}

/** GET shows the people; POST signs one of them in, or refuses on their behalf. */
async function signIn(ctx) {
  const { uid } = await provider.interactionDetails(ctx.req, ctx.res);
  if (ctx.method === 'GET') {
    ctx.body = signInPage(uid);
    return;
  }
  const id = new URLSearchParams(await text(ctx.req)).get('login');
  const result = people.has(id)
    ? { login: { accountId: id, amr: people.get(id).$amr ?? ['pwd'], acr: people.get(id).$acr } }
    : { error: 'access_denied', error_description: 'The person did not sign in.' };
  ctx.status = 303;
  ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result, { mergeWithLastSubmission: false }));
}

/** ClassLink keeps the tenant outside the id_token: a second call with the fresh access token. */
async function myInfo(ctx) {
  const bearer = ctx.get('authorization').replace(/^Bearer /i, '');
  const token = bearer && (await provider.AccessToken.find(bearer));
  if (token) ctx.body = claimsOf(token.accountId);
  else ctx.status = 401;
}

provider.use(async (ctx, next) => {
  if (ctx.path.startsWith('/sign-in/')) await signIn(ctx);
  else if (ctx.path === '/v2/my/info') await myInfo(ctx);
  else await next();
});

server.on('request', provider.callback());
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    server.close(() => process.exit(0));
    server.closeAllConnections(); // a browser keeps its connections open for minutes
  });
}
console.log(issuer);
