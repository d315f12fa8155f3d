// SPDX-License-Identifier: MIT
// Recursion in JavaScript, with calls into the runtime.
function spin(n) {
	let sum = 0
	for (let i = 0; i < n; i++)
		sum += Math.sqrt(i) * i % 7
	return sum
}

function deep(depth) {
	return depth > 0 ? deep(depth - 1) + 1 : spin(3000) + JSON.stringify([...Array(200).keys()].map((x) => ({ x }))).length
}

let total = 0
for (let i = 0; i < 1500; i++)
	total += deep(i % 30)
console.log(total)
