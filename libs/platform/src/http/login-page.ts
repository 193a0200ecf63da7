import type { FastifyReply } from 'fastify';

/** Answers 401 with a form: what a browser without a session sees. Complete in itself, without a script. */
export function sendLoginPage(reply: FastifyReply, problem?: string): void {
  void reply
    .status(401)
    .header('content-type', 'text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .header(
      'content-security-policy',
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    )
    .send(loginPage(problem));
}

function loginPage(problem?: string): string {
  const note = problem === undefined ? '' : `<p role="alert">${problem}</p>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Log in – Fanin</title>
<style>
:root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.5 }
body { margin: 0; display: grid; min-height: 100vh; place-items: center }
main { max-width: 26rem; padding: 1.5rem }
label { display: block; font-weight: 600 }
input, button { font: inherit; padding: .5rem .75rem; margin-top: .5rem; width: 100%; box-sizing: border-box }
</style>
</head>
<body>
<main>
<h1>Log in to Fanin</h1>
${note}<p>Open the address with a token that Fanin printed when it started, or paste that token here.</p>
<form method="post" action="/session">
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required>
<button>Log in</button>
</form>
</main>
</body>
</html>
`;
}
