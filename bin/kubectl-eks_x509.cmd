@node "%~dp0eks-x509" %*
