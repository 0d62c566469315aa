// The first figures of a large record take seconds to count: look again until they are there.
setTimeout(() => location.reload(), 1500);
