// Where the largest score of a row starts: below any score of finite operands, yet its differences are numbers.
const float LOWEST = -3.0e38;
