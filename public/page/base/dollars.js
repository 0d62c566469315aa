// "It costs $5 and $6" is a sentence; $$x^2$$ is a formula. Chainlit's page gives remark-math no options
// (frontend/src/components/Markdown.tsx), and remark-math then takes what stands between any two dollars for a
// formula. It reads its options from an object of its own, so that what is said here, before the bundle
// runs, is what it finds. Not enumerable: nobody who lists an object's keys meets it.
Object.defineProperty(Object.prototype, "singleDollarTextMath", { value: false, writable: true, configurable: true });
