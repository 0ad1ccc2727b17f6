// Two other people's implementations of the official account's protocol, spoken to over HTTP by the tests:
// `wechat` answers callbacks under /wechat with what it understood, as JSON; `wechat-crypto` seals and opens.
'use strict';

const http = require('http');
const wechat = require('wechat');
const Crypto = require('wechat-crypto');
const { parseString } = require('xml2js');

const [token, appid, encodingAESKey] = process.argv.slice(2);
const account = wechat({ token, appid, encodingAESKey }, (req, res) => res.reply(JSON.stringify(req.weixin)));

const read = (request) =>
  new Promise((resolve) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => resolve(JSON.parse(Buffer.concat(parts).toString('utf-8'))));
  });

const fields = (xml) =>
  new Promise((resolve, reject) =>
    parseString(xml, { explicitArray: false }, (error, found) => (error ? reject(error) : resolve(found.xml))));

const answers = {
  async parse({ xml }) {
    return fields(xml);
  },
  async seal({ key, xml, timestamp, nonce }) {
    const crypto = new Crypto(token, key, appid);
    const encrypted = crypto.encrypt(xml);
    return { encrypted, signature: crypto.getSignature(timestamp, nonce, encrypted) };
  },
  async open({ key, envelope }) {
    const crypto = new Crypto(token, key, appid);
    const { Encrypt, MsgSignature, TimeStamp, Nonce } = await fields(envelope);
    const { message, id } = crypto.decrypt(Encrypt);
    const signed = crypto.getSignature(TimeStamp, Nonce, Encrypt) === MsgSignature;
    return { signed, id, xml: message, fields: await fields(message) };
  },
};

const server = http.createServer(async (request, response) => {
  const url = new URL(request.url, 'http://peer');
  const fail = (error) => response.writeHead(500).end(String(error));
  if (url.pathname === '/wechat') {
    request.query = Object.fromEntries(url.searchParams);
    account(request, response, fail);
    return;
  }
  try {
    response.end(JSON.stringify(await answers[url.pathname.slice(1)](await read(request))));
  } catch (error) {
    fail(error);
  }
});

server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.resume().on('end', () => process.exit());
