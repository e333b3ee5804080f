// What an application does with npm's etcd3, each with what must come of it.
const { Etcd3 } = require('etcd3');
const assert = require('assert');

const hosts = process.argv[2].split(',').map(each => 'http://' + each);
const client = new Etcd3({ hosts });
const wait = millis => new Promise(done => setTimeout(done, millis));

async function eventually(what, is) {
  for (let i = 0; i < 120; i++) {
    if (await is()) return;
    await wait(250);
  }
  assert.fail('not within 30 s: ' + what);
}

async function keys() {
  await client.put('app/a').value('1');
  await client.put('app/n').value('2');
  await client.put('z/last').value('3');
  assert.strictEqual(await client.get('app/a').string(), '1');
  assert.strictEqual(await client.get('none').string(), null);
  assert.deepStrictEqual(await client.getAll().prefix('app/').strings(), { 'app/a': '1', 'app/n': '2' });
  assert.deepStrictEqual(await client.getAll().prefix('').keys(), ['app/a', 'app/n', 'z/last']);
  assert.strictEqual(await client.getAll().prefix('app/').count(), 2);
  const newest = await client.getAll().prefix('app/').sort('Mod', 'Descend').limit(1).keys();
  assert.deepStrictEqual(newest, ['app/n']);
  assert.strictEqual((await client.delete().key('z/last')).deleted, '1');
  await assert.rejects(client.get('').string(), /key is not provided/);
}

async function transactions() {
  const made = await client.if('app/txn', 'Create', '==', 0)
    .then(client.put('app/txn').value('first'), client.put('z/txn').value('both'))
    .else(client.get('app/txn')).commit();
  assert.strictEqual(made.succeeded, true);
  const again = await client.if('app/txn', 'Create', '==', 0)
    .then(client.put('app/txn').value('second')).else(client.get('app/txn')).commit();
  assert.strictEqual(again.succeeded, false);
  assert.strictEqual(again.responses[0].response_range.kvs[0].value.toString(), 'first');
  await client.put('app/sum').value('0');
  const add = () => client.stm({ retries: 1000 }).transact(async tx => {
    const sum = Number(await tx.get('app/sum').string());
    await tx.put('app/sum').value(String(sum + 1));
    await tx.put('z/sum').value(String(sum + 1));
  });
  await Promise.all(Array.from({ length: 10 }, add));
  assert.strictEqual(await client.get('app/sum').string(), '10');
  assert.strictEqual(await client.get('z/sum').string(), '10');
}

async function watches() {
  const heard = [];
  const watcher = await client.watch().prefix('app/watch/').create();
  watcher.on('put', kv => heard.push('put ' + kv.key + '=' + kv.value));
  watcher.on('delete', kv => heard.push('delete ' + kv.key));
  const wanted = [];
  for (let i = 0; i < 20; i++) {
    await client.put('app/watch/' + i).value('v' + i);
    wanted.push(`put app/watch/${i}=v${i}`);
  }
  await client.delete().key('app/watch/3');
  wanted.push('delete app/watch/3');
  await eventually('all events', () => heard.length >= wanted.length);
  assert.deepStrictEqual(heard, wanted);
  await watcher.cancel();
  const past = await client.watch().key('app/a').startRevision('1').create();
  const first = await new Promise(done => past.once('put', done));
  assert.strictEqual(first.value.toString(), '1');
  await past.cancel();
}

async function leases() {
  const lease = client.lease(5);
  await lease.put('app/lease').value('here');
  await wait(7000);
  assert.strictEqual(await client.get('app/lease').string(), 'here', 'kept alive beyond its time');
  await lease.revoke();
  assert.strictEqual(await client.get('app/lease').string(), null);
  const gone = client.lease(2, { autoKeepAlive: false });
  await gone.put('app/gone').value('soon');
  await eventually('the key of a lease that ran out is gone', async () =>
    await client.get('app/gone').string() === null);
}

async function locks() {
  let inside = 0;
  let most = 0;
  await Promise.all(Array.from({ length: 4 }, () => (async () => {
    for (;;) {
      const lock = client.lock('lock/one').ttl(20);
      try {
        await lock.acquire();
      } catch (failure) {
        assert.match(String(failure), /lock/i);
        await wait(50);
        continue;
      }
      most = Math.max(most, ++inside);
      await wait(20);
      inside--;
      await lock.release();
      return;
    }
  })()));
  assert.strictEqual(most, 1);
}

async function elections() {
  const election = client.election('leaders', 10);
  const one = election.campaign('one');
  await new Promise(done => one.once('elected', done));
  assert.strictEqual(await election.leader(), 'one');
  const observer = await election.observe();
  const two = election.campaign('two');
  two.on('error', failure => assert.fail(failure));
  await one.resign();
  await new Promise(done => two.once('elected', done));
  await eventually('the observer sees it', () => observer.leader() === 'two');
  await two.resign();
  await observer.cancel();
}

(async () => {
  for (const proof of [keys, transactions, watches, leases, locks, elections]) {
    await proof();
    console.log('etcd3: ' + proof.name);
  }
  client.close();
  process.exit(0);
})().catch(failure => {
  console.error(failure);
  process.exit(1);
});
