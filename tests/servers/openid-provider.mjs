// A provider of OpenID Connect for tests: whoever signs in is who he says he is. Says where it listens, and its data dies with it.
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const groups = { maria: ['lab', 'lab-admins'], otto: ['lab'] };

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{
      client_id: 'dashboard',
      client_secret: process.argv[2],
      // Of a native application any port of loopback will do: the dashboard's is not known yet.
      application_type: 'native',
      redirect_uris: ['http://127.0.0.1/sign-in/openid/callback'],
      token_endpoint_auth_method: 'client_secret_post',
    }],
    claims: { openid: ['sub'], profile: ['preferred_username', 'groups'] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, preferred_username: id, groups: groups[id] ?? [] }),
    }),
    cookies: { keys: ['for tests'] },
  });
  server.on('request', provider.callback());
  console.log(`listening on ${issuer}`);
});
