/** An answer other than 200, with what the problem document says. */
class ApiProblem extends Error {
  constructor(status, { title = "The server failed to answer", detail = "" } = {}) {
    super(detail === "" ? title : `${title}: ${detail}`);
    this.status = status;
  }
}

export async function get(path) {
  const response = await fetch(path, { headers: { accept: "application/json" } });
  const body = await response.json();
  if (!response.ok) throw new ApiProblem(response.status, body);
  return body;
}

/**
 * Whether the tables an answer was read from lag behind an event: a position names the next offset
 * of every partition, `run=12.0;recommendation=1.0;alert=0.0`.
 */
export function isBehind(position, eventId) {
  const [ours, theirs] = [offsetsOf(position), offsetsOf(eventId)];
  return theirs.some((offset, index) => (ours[index] ?? 0) < offset);
}

function offsetsOf(position) {
  return position.split(";").flatMap((part) => part.split("=")[1].split(".").map(Number));
}
