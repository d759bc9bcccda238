import type { OutgoingHttpHeaders } from 'node:http';

/**
 * What a browser may do with an answer. Nothing from elsewhere, no script but the page's own file, and no text that
 * becomes markup: with Trusted Types required and none allowed, `innerHTML` throws whatever somebody writes into it.
 * @param nonce of the style elements that the terminal and the editor make
 * @param host as the browser calls it: Safari does not count WebSockets to 'self'
 */
export const securityHeaders = (nonce: string, host: string): OutgoingHttpHeaders => {
  // What calls by a wrong name is refused, and told nothing that it has written itself.
  const sockets = /^[\w.:[\]-]+$/.test(host) ? ` ws://${host}` : '';
  return {
    'content-security-policy': [
      "default-src 'none'",
      "script-src 'self'",
      `style-src 'self' 'nonce-${nonce}'`,
      "img-src 'self' data: blob:",
      `connect-src 'self'${sockets}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ].join('; '),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), usb=(), payment=()',
    'cache-control': 'no-store',
  };
};
