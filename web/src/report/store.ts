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

function database(): Promise<IDBDatabase> {
  opened ??= new Promise((done, failed) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" });
    request.onsuccess = () => {
      // A later version of the page, in another tab, must not wait for this one.
      request.result.onversionchange = () => request.result.close();
      done(request.result);
    };
    request.onerror = () => failed(request.error ?? new Error("the browser keeps nothing"));
  });
  return opened;
}

/** All that is kept, oldest first. */
export async function kept(): Promise<Entry[]> {
  const all = await asked((await database()).transaction(STORE).objectStore(STORE).getAll() as IDBRequest<Entry[]>);
  return all.sort((a, b) => a.noted_ms - b.noted_ms);
}

/** Keeps one; it is on the phone's disk when this is done. */
export async function keep(entry: Entry): Promise<void> {
  await write((store) => store.put(entry));
}

export async function forget(key: string): Promise<void> {
  await write((store) => store.delete(key));
}

async function write(change: (store: IDBObjectStore) => IDBRequest): Promise<void> {
  const transaction = (await database()).transaction(STORE, "readwrite");
  change(transaction.objectStore(STORE));
  await new Promise<void>((done, failed) => {
    transaction.oncomplete = () => done();
    transaction.onabort = transaction.onerror = () => failed(transaction.error ?? new Error("it could not be kept"));
  });
}
