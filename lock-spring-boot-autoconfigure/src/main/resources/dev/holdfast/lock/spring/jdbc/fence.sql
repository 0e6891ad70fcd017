-- The greatest fencing token seen for each lock; see JdbcFence. Plain enough for H2, PostgreSQL and MySQL.
CREATE TABLE IF NOT EXISTS holdfast_fence (
  name VARCHAR(255) NOT NULL PRIMARY KEY,
  token BIGINT NOT NULL
);
