/// A certificate for 127.0.0.1 that no authority has signed, made for these tests alone, and its key.
enum TestCertificate {
    static let chain = """
        -----BEGIN CERTIFICATE-----
        MIIBkDCCATagAwIBAgIUUEGlHBjCiLszj1kRBbM3VIxVyYkwCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJMTI3LjAuMC4xMCAXDTI2MTEyNjEwNDkwOVoYDzIxMjYxMTAy
        MTA0OTA5WjAUMRIwEAYDVQQDDAkxMjcuMC4wLjEwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAATyOzxWBrZnedVCq26vS3OhFrazjtzWlxJsrRPjlUcFfM01A3tWDufu
        fA525NxKTcgrtlWp8LB7233EXvWU07ELo2QwYjAdBgNVHQ4EFgQUEXZ0+5QpI7h0
        gL50MkjGsBhKdAowHwYDVR0jBBgwFoAUEXZ0+5QpI7h0gL50MkjGsBhKdAowDwYD
        VR0TAQH/BAUwAwEB/zAPBgNVHREECDAGhwR/AAABMAoGCCqGSM49BAMCA0gAMEUC
        IQD2RhYpIsS8yLaZTiephAGMoSPsHlKoKQtoFla19ES1fQIgAy4Pogautu+8OxX3
        Z/cHRuoXqPI6VE84pkPpU+06wW4=
        -----END CERTIFICATE-----
        """

    static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg1PFEOILqLLgKWt6e
        +4rbnVsbZtICni7ALRlz4Z6o3bWhRANCAATyOzxWBrZnedVCq26vS3OhFrazjtzW
        lxJsrRPjlUcFfM01A3tWDufufA525NxKTcgrtlWp8LB7233EXvWU07EL
        -----END PRIVATE KEY-----
        """
}
