// Beyond all numbers that occur, in place of infinities, which a driver may take not to exist. Differences of these are numbers too.
const float LOWEST = -3.0e38, HIGHEST = 3.0e38;
