/** Colours meet WCAG 2.2 AA in both schemes; a page sets --fanin-accent and --fanin-on-accent to its own pair. */
export const CSS = `
:host{all:initial;--a:var(--fanin-accent,#0b5c4a);--oa:var(--fanin-on-accent,#fff);--bg:#fff;--fg:#17211f;--mut:#55635f;--line:#dbe3e0;--them:#eff4f2;--err:#a6231b;--ring:#0b5c4a;color-scheme:light;
font:400 16px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;position:fixed;inset:auto 1.25rem 1.25rem auto;z-index:2147483000;color:var(--fg)}
@media(prefers-color-scheme:dark){:host(:not([theme=light])){--a:var(--fanin-accent-dark,#7fd6bd);--oa:var(--fanin-on-accent-dark,#06231c);--bg:#151b1a;--fg:#eaf1ee;--mut:#a5b4af;--line:#33403d;--them:#232c2a;--err:#ff9d94;--ring:#7fd6bd;color-scheme:dark}}
:host([theme=dark]){--a:var(--fanin-accent-dark,#7fd6bd);--oa:var(--fanin-on-accent-dark,#06231c);--bg:#151b1a;--fg:#eaf1ee;--mut:#a5b4af;--line:#33403d;--them:#232c2a;--err:#ff9d94;--ring:#7fd6bd;color-scheme:dark}
*{box-sizing:border-box}
[hidden]{display:none!important}
button,textarea{font:inherit;color:inherit;margin:0}
button{cursor:pointer}
:focus-visible{outline:3px solid var(--ring);outline-offset:2px}
svg{width:1.5rem;height:1.5rem;fill:currentColor;display:block}
.launch{display:flex;align-items:center;justify-content:center;width:3.75rem;height:3.75rem;border:0;border-radius:50%;background:var(--a);color:var(--oa);box-shadow:0 6px 20px #0004;margin-left:auto;position:relative;transition:transform .15s}
.launch:hover{transform:translateY(-2px)}
.launch svg{width:1.75rem;height:1.75rem}
.badge{position:absolute;top:-.25rem;right:-.25rem;min-width:1.5rem;height:1.5rem;padding:0 .35rem;border-radius:.75rem;background:#b3261e;color:#fff;font:600 .8125rem/1.5rem system-ui,sans-serif;text-align:center;box-shadow:0 0 0 2px var(--bg)}
.panel{display:flex;flex-direction:column;width:23.5rem;max-width:calc(100vw - 2.5rem);height:36rem;max-height:calc(100vh - 7rem);max-height:calc(100dvh - 7rem);margin-bottom:1rem;background:var(--bg);border:1px solid var(--line);border-radius:1rem;overflow:hidden;box-shadow:0 16px 48px #0003;animation:in .18s ease-out}
@keyframes in{from{opacity:0;transform:translateY(12px)}}
.head{display:flex;align-items:center;gap:.75rem;padding:.75rem .75rem .75rem 1.125rem;background:var(--a);color:var(--oa)}
.head :focus-visible{outline-color:var(--oa);outline-offset:-2px}
.heads{flex:1;min-width:0}
h2{font-size:1.0625rem;font-weight:650;line-height:1.3;margin:0}
.state{font-size:.8125rem;margin:0}
.x{background:none;border:0;border-radius:.5rem;padding:.5rem;min-width:2.75rem;min-height:2.75rem;display:grid;place-items:center}
.x:hover{background:#0002}
.log{flex:1;min-height:0;overflow-y:auto;overscroll-behavior:contain;padding:1rem;display:flex;flex-direction:column;gap:.125rem}
.log:focus-visible{outline-offset:-3px}
.m{max-width:85%;align-self:flex-start;margin-top:.5rem}
.m.me{align-self:flex-end;text-align:right}
.who{font-size:.8125rem;color:var(--mut);margin:0 .25rem .125rem}
.b{display:inline-block;text-align:left;padding:.5rem .8125rem;border-radius:1.125rem 1.125rem 1.125rem .3rem;background:var(--them);white-space:pre-wrap;overflow-wrap:anywhere}
.me .b{background:var(--a);color:var(--oa);border-radius:1.125rem 1.125rem .3rem 1.125rem}
.me.failed .b{background:none;color:var(--fg);border:1px solid var(--err)}
.b a{color:inherit;text-decoration:underline;text-underline-offset:2px}
.meta{font-size:.75rem;color:var(--mut);margin:.125rem .25rem 0}
.failed .meta{color:var(--err)}
.meta button{background:none;border:0;padding:.25rem .375rem;margin-left:.25rem;text-decoration:underline;color:inherit;min-height:1.5rem}
.note{padding:.5rem 1rem;font-size:.8125rem;margin:0;background:var(--them);color:var(--fg);border-top:1px solid var(--line)}
.note.bad{color:var(--err)}
form{display:flex;align-items:flex-end;gap:.5rem;padding:.75rem;border-top:1px solid var(--line)}
textarea{flex:1;min-width:0;min-height:2.75rem;max-height:8.5rem;field-sizing:content;resize:none;padding:.625rem .875rem;border:1px solid #7c8a86;border-radius:1.375rem;background:var(--bg);line-height:1.4}
textarea::placeholder{color:var(--mut);opacity:1}
textarea:focus-visible{outline-offset:0}
.send{flex:none;width:2.75rem;height:2.75rem;border:0;border-radius:50%;background:var(--a);color:var(--oa);display:grid;place-items:center}
.send svg{width:1.25rem;height:1.25rem}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media(max-width:30rem),(max-height:26rem){:host([open]){inset:0}:host([open]) .launch{display:none}.panel{width:100%;max-width:none;height:100%;max-height:none;margin:0;border:0;border-radius:0}.head{padding-top:max(.75rem,env(safe-area-inset-top))}form{padding-bottom:max(.75rem,env(safe-area-inset-bottom))}}
@media(prefers-reduced-motion:reduce){*{animation:none!important;transition:none!important;scroll-behavior:auto!important}.launch:hover{transform:none}}
@media(forced-colors:active){.b,.launch,.send,.panel{border:1px solid CanvasText}}
`;
