// What is chosen is read here, so that what it would do can be shown before anything is kept: a CSV file as text, of an
// export the codes alone, whatever else is in its folder or its zip. Parquet is read by the server.
(() => {
  "use strict";
  const file = document.getElementById("file");
  const text = document.getElementById("text");
  const packed = document.getElementById("packed");
  const problem = document.getElementById("file-problem");
  const said = document.getElementById("file-said");
  const NAMES = ["codes.csv", "codes.parquet"];
  const LARGEST = 2 ** 20 * 16;
  document.getElementById("from-file").hidden = false;

  class Wrong extends Error {}
  const NONE = "There is no codes.csv or codes.parquet in it. Choose an export that has the table codes, as CSV or Parquet.";
  const bytesOf = async (blob) => {
    if (blob.size > LARGEST) throw new Wrong("The file is larger than 16 MB. A codebook of so much is none.");
    return new Uint8Array(await blob.arrayBuffer());
  };

  // No further than is allowed: what is packed well may be a thousand times its size.
  async function unpacked(stream) {
    const pieces = [];
    let size = 0;
    for (const reader = stream.getReader(); size <= LARGEST; ) {
      const { done, value } = await reader.read();
      if (done) break;
      pieces.push(value);
      size += value.length;
    }
    return new Blob(pieces);
  }

  // A zip ends with the list of what is in it.
  async function entryOf(zip) {
    const from = Math.max(0, zip.size - 65557);
    const end = new DataView(await zip.slice(from).arrayBuffer());
    let at = end.byteLength - 22;
    while (at >= 0 && end.getUint32(at, true) !== 0x06054b50) at -= 1;
    if (at < 0) throw new Wrong("The zip is damaged. Unpack it, and choose codes.csv.");
    const [size, begins] = [end.getUint32(at + 12, true), end.getUint32(at + 16, true)];
    if (begins === 0xffffffff) throw new Wrong("The zip is too large to be read here. Unpack it, and choose codes.csv.");
    const list = new DataView(await zip.slice(begins, begins + size).arrayBuffer());
    const found = {};
    for (let one = 0; one + 46 <= list.byteLength && list.getUint32(one, true) === 0x02014b50; ) {
      const short = (place) => list.getUint16(one + place, true);
      const long = (place) => list.getUint32(one + place, true);
      const name = new TextDecoder().decode(new Uint8Array(list.buffer, one + 46, short(28))).split("/").at(-1);
      found[name] = { name, how: short(10), packed: long(20), at: long(42) };
      one += 46 + short(28) + short(30) + short(32);
    }
    const entry = NAMES.map((name) => found[name]).find(Boolean);
    if (!entry) throw new Wrong(NONE);
    const head = new DataView(await zip.slice(entry.at, entry.at + 30).arrayBuffer());
    const data = entry.at + 30 + head.getUint16(26, true) + head.getUint16(28, true);
    const blob = zip.slice(data, data + entry.packed);
    if (entry.how === 0) return [entry.name, await bytesOf(blob)];
    await bytesOf(blob);
    const open = blob.stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return [entry.name, await bytesOf(await unpacked(open))];
  }

  async function chosen(files) {
    const named = NAMES.map((name) => files.find((one) => one.name === name)).find(Boolean);
    const one = named ?? files.find((each) => each.name.endsWith(".zip")) ?? (files.length === 1 ? files[0] : null);
    if (!one) throw new Wrong(NONE);
    if (one.name.endsWith(".zip")) return entryOf(one);
    return [one.name, await bytesOf(one)];
  }

  function base64(bytes) {
    let letters = "";
    for (let at = 0; at < bytes.length; at += 8192) letters += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return btoa(letters);
  }

  file.addEventListener("change", async () => {
    if (!file.files.length) return;
    problem.hidden = true;
    said.textContent = packed.value = "";
    try {
      const [name, bytes] = await chosen([...file.files]);
      if (new TextDecoder().decode(bytes.subarray(0, 4)) === "PAR1") {
        packed.value = base64(bytes);
        text.value = "";
      } else text.value = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      said.textContent = `${name} is read.`;
    } catch (error) {
      problem.textContent =
        error instanceof Wrong ? error.message : error instanceof TypeError
          ? "The file is not in UTF-8. In Excel save it as “CSV UTF-8 (comma delimited)”, and choose it again."
          : "The file cannot be read here. Unpack it, and choose codes.csv.";
      problem.hidden = false;
    }
  });
  text.addEventListener("input", () => (packed.value = ""));
})();
