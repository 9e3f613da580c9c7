// The reports in this phone (IndexedDB), photos and all.

import type { Entry } from "./types";

const NAME = "waterlog-report";
const STORE = "entries";

function asked<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error ?? new Error("the browser keeps nothing"));
  });
}

let opened: Promise<IDBDatabase> | null = null;

function open(): Promise<IDBDatabase> {
  return new Promise((done, failed) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" });
    request.onsuccess = () => {
      const database = request.result;
      database.onclose = () => (opened = null);
      // A later version of the page, in another tab, must not wait for this one.
      database.onversionchange = () => {
        database.close();
        opened = null;
      };
      done(database);
    };
    request.onerror = () => failed(request.error ?? new Error("the browser keeps nothing"));
  });
}

async function begin(mode: IDBTransactionMode): Promise<IDBTransaction> {
  const begun = async () => (await (opened ??= open())).transaction(STORE, mode);
  return begun().catch(() => {
    // Browsers close it while the page lies in the background, some without a word.
    opened = null;
    return begun();
  });
}

/** All that is kept, oldest first. */
export async function kept(): Promise<Entry[]> {
  const all = await asked((await begin("readonly")).objectStore(STORE).getAll() as IDBRequest<Entry[]>);
  return all.sort((a, b) => a.noted_ms - b.noted_ms);
}

/** Keeps a new one, or one that was sent; it is on the phone's disk when this is done. */
export async function keep(entry: Entry): Promise<void> {
  await write((store) => store.put(entry));
}

/** Keeps what became of one; false where another tab has sent it or taken it back: then that holds. */
export async function renew(entry: Entry): Promise<boolean> {
  let waits = false;
  await write((store) => {
    const request: IDBRequest<Entry | undefined> = store.get(entry.key);
    request.onsuccess = () => {
      waits = request.result?.sent_ms === null;
      if (waits) store.put(entry);
    };
  });
  return waits;
}

export async function forget(key: string): Promise<void> {
  await write((store) => store.delete(key));
}

async function write(change: (store: IDBObjectStore) => void): Promise<void> {
  const transaction = await begin("readwrite");
  await new Promise<void>((done, failed) => {
    transaction.oncomplete = () => done();
    transaction.onabort = transaction.onerror = () => failed(transaction.error ?? new Error("it could not be kept"));
    change(transaction.objectStore(STORE));
  });
}
