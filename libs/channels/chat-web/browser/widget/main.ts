import { FaninChat } from './element.js';

const script = document.currentScript;
if (script instanceof HTMLScriptElement && script.src !== '') FaninChat.scriptOrigin = new URL(script.src).origin;
// A page that loads the script twice keeps the first.
if (customElements.get('fanin-chat') === undefined) customElements.define('fanin-chat', FaninChat);
